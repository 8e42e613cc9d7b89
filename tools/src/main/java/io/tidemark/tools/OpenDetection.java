package io.tidemark.tools;

import io.tidemark.block.Verdict;
import io.tidemark.errors.StoreLockedException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tools.Detection.VgroupFailure;
import java.io.IOException;
import java.nio.file.Path;
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
   * Opens the stores of vnodes, brings them up to the present end of their logs, and asks them.
   *
   * @param stores holds one store per vgroup
   * @param chain whose cursor {@code --since last} means
   * @param onFailure hears why a vgroup has no answer
   */
  static OpenDetection of(
      List<VnodeDirectory> vnodes,
      Path stores,
      Since wanted,
      String chain,
      Consumer<Exception> onFailure) {
    return of(vnodes, stores, wanted, chain, false, onFailure);
  }

  /**
   * Opens the stores of vnodes and asks them. One that another process follows is asked as it is,
   * unless its cursor would have to be moved.
   *
   * @param stores holds one store per vgroup
   * @param chain whose cursor {@code --since last} means
   * @param onFailure hears why a vgroup has no answer
   */
  static OpenDetection besideWriters(
      List<VnodeDirectory> vnodes,
      Path stores,
      Since wanted,
      String chain,
      Consumer<Exception> onFailure) {
    return of(vnodes, stores, wanted, chain, !(wanted instanceof Since.Last), onFailure);
  }

  private static OpenDetection of(
      List<VnodeDirectory> vnodes,
      Path stores,
      Since wanted,
      String chain,
      boolean isReadingEnough,
      Consumer<Exception> onFailure) {
    OpenDetection detection = new OpenDetection(chain);
    for (VnodeDirectory vnode : vnodes) {
      String name = nameOf(vnode);
      try {
        Path store = stores.resolve("vnode" + vnode.config().vgroupId());
        detection.ask(vnode, store, wanted, isReadingEnough);
      } catch (IOException | WalDecodeException | RuntimeException e) {
        detection.failures.add(
            new VgroupFailure(name, Failures.exitCodeOf(e), Failures.messageOf(e)));
        onFailure.accept(e);
      }
    }
    return detection;
  }

  private void ask(VnodeDirectory vnode, Path store, Since wanted, boolean isReadingEnough)
      throws IOException, WalDecodeException {
    VgroupDetection opened;
    try {
      opened = VgroupDetection.open(vnode, store);
    } catch (StoreLockedException e) {
      if (!isReadingEnough) {
        throw e;
      }
      answers.add(VgroupDetection.read(vnode, store, wanted, chain));
      onlyRead.add(nameOf(vnode));
      return;
    }
    open.add(opened);
    VgroupAnswer answer = opened.answer(wanted, chain);
    answers.add(answer);
    answered.add(new Answered(opened, answer));
  }

  /** Returns the name of a vnode's directory. */
  static String nameOf(VnodeDirectory vnode) {
    return String.valueOf(vnode.path().toAbsolutePath().normalize().getFileName());
  }

  /** Returns what the vgroups answered. */
  Detection result(String asked, Since wanted) {
    return new Detection(Clock.systemUTC().instant(), asked, wanted, answers, failures);
  }

  /** Returns the vnodes whose stores other processes follow: they were asked as they are. */
  List<String> onlyRead() {
    return List.copyOf(onlyRead);
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
