package io.tidemark.tools;

import io.tidemark.block.Verdict;
import io.tidemark.errors.StoreLockedException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tools.Detection.VgroupFailure;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A detection over vgroups, with their stores open: they stay locked until it is closed.
 *
 * <p>Single thread.
 */
final class OpenDetection implements AutoCloseable {
  /** An answer, and the store it can be acknowledged in. */
  private record Answered(VgroupDetection store, VgroupAnswer answer) {}

  private final List<VgroupDetection> open = new ArrayList<>();
  private final List<Answered> answered = new ArrayList<>();
  private final List<String> onlyRead = new ArrayList<>();
  private final List<VgroupAnswer> answers = new ArrayList<>();
  private final List<VgroupFailure> failures = new ArrayList<>();

  private final String chain;

  private OpenDetection(String chain) {
    this.chain = chain;
  }

  /**
   * Opens the stores of vgroups, brings them up to the present end of their logs, and asks them.
   *
   * @param chain whose cursor {@code --since last} means
   * @param onFailure hears why a vgroup has no answer
   */
  static OpenDetection of(
      List<VgroupPlace> vgroups, Since wanted, String chain, Consumer<Exception> onFailure) {
    return of(vgroups, wanted, chain, false, onFailure);
  }

  /**
   * Opens the stores of vgroups and asks them. One that another process follows, or that is there
   * alone, is asked as it is, unless its cursor would have to be moved.
   *
   * @param chain whose cursor {@code --since last} means
   * @param onFailure hears why a vgroup has no answer
   */
  static OpenDetection besideWriters(
      List<VgroupPlace> vgroups, Since wanted, String chain, Consumer<Exception> onFailure) {
    return of(vgroups, wanted, chain, !(wanted instanceof Since.Last), onFailure);
  }

  private static OpenDetection of(
      List<VgroupPlace> vgroups,
      Since wanted,
      String chain,
      boolean isReadingEnough,
      Consumer<Exception> onFailure) {
    OpenDetection detection = new OpenDetection(chain);
    for (VgroupPlace vgroup : vgroups) {
      try {
        detection.ask(vgroup, wanted, isReadingEnough);
      } catch (IOException | WalDecodeException | RuntimeException e) {
        detection.failures.add(
            new VgroupFailure(vgroup.name(), Failures.exitCodeOf(e), Failures.messageOf(e)));
        onFailure.accept(e);
      }
    }
    return detection;
  }

  private void ask(VgroupPlace vgroup, Since wanted, boolean isReadingEnough)
      throws IOException, WalDecodeException {
    if (vgroup.isStoreAlone() && isReadingEnough) {
      read(vgroup, wanted);
      return;
    }
    VgroupDetection opened;
    try {
      opened = VgroupDetection.open(vgroup);
    } catch (StoreLockedException e) {
      if (!isReadingEnough) {
        throw e;
      }
      read(vgroup, wanted);
      return;
    }
    open.add(opened);
    VgroupAnswer answer = opened.answer(wanted, chain);
    answers.add(answer);
    answered.add(new Answered(opened, answer));
  }

  private void read(VgroupPlace vgroup, Since wanted) throws IOException, WalDecodeException {
    answers.add(VgroupDetection.read(vgroup, wanted, chain));
    onlyRead.add(vgroup.name());
  }

  /** Returns what the vgroups answered. */
  Detection result(String asked, Since wanted) {
    return new Detection(Clock.systemUTC().instant(), asked, wanted, answers, failures);
  }

  /** Returns the vgroups whose stores were only read: as far as somebody has fed them. */
  List<String> onlyRead() {
    return List.copyOf(onlyRead);
  }

  /** Tells of the vgroups whose stores were only read. */
  void noteOnlyRead(Terminal terminal) {
    if (!onlyRead.isEmpty()) {
      terminal.note(
          "asked as far as the log was read by whoever follows "
              + String.join(", ", onlyRead)
              + "; the cursor of --since last stays");
    }
  }

  /** Makes the next {@code --since last} begin behind these answers, but for those not ready. */
  void acknowledge() throws IOException {
    for (Answered one : answered) {
      if (one.answer.changes().verdict() != Verdict.NOT_READY) {
        one.store.acknowledge(one.answer.interval(), chain);
      }
    }
  }

  /** Tells of the vgroups that failed, on one line. */
  static void noteFailures(Detection result, Terminal terminal, String command) {
    if (result.failures().isEmpty()) {
      return;
    }
    VgroupFailure first = result.failures().get(0);
    String place = first.vgroup() + ": " + first.message();
    String count =
        result.failures().size()
            + " of "
            + (result.failures().size() + result.answers().size())
            + " vgroups failed; ";
    boolean isOnly = result.failures().size() == 1 && result.answers().isEmpty();
    terminal.note(command + ": " + (isOnly ? "" : count) + place);
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (VgroupDetection detection : open) {
      try {
        detection.close();
      } catch (IOException e) {
        failure = e;
      } catch (TidemarkException e) {
        // What broke the store was told when it did; closing it can only say so again.
        failure = failure == null ? new IOException(e.getMessage(), e) : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
