package io.tidemark.tracker;

import io.tidemark.errors.StoreFailedException;
import io.tidemark.storage.Directories;
import io.tidemark.tracker.WriterLedger.Activity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The program of a process that is killed or whose disk loses power: it opens, writes, seals,
 * recycles and closes a store again and again, and keeps a ledger.
 *
 * <p>It warms up on a store of its own, says that it is waiting, and reads its {@link Orders} from
 * stdin; without orders it ends.
 */
final class StoreProcess {
  private static final int WARM_UP_STEPS = 60;
  private static final int MAX_STEPS_PER_OPENING = 500;
  private static final int STEPS_PER_METADATA_LOOK = 8;

  private final Orders orders;
  private final WriterLedger ledger;
  private final PrintStream out;
  private final StoreHistory history = new StoreHistory();
  private final StoreScript script;
  private final Random pace;

  private StoreProcess(Orders orders, PrintStream out) throws IOException {
    this.orders = orders;
    this.out = out;
    this.ledger = new WriterLedger(orders.ledger);
    orders.continueLives(history);
    this.script = new StoreScript(orders.seed, history);
    this.pace = new Random(orders.seed);
  }

  /**
   * What a parent asks for.
   *
   * @param store where the store is
   * @param ledger where the ledger is
   * @param looksAtMetadata whether to fold the metadata map again and again
   * @param maxPauseUs how long to rest at most after each step; 0 for full speed
   * @param seed of this life of the store
   * @param lives for each life before, its seed and the position that was recovered after it
   */
  record Orders(
      Path store,
      Path ledger,
      boolean looksAtMetadata,
      int maxPauseUs,
      long seed,
      List<Long> lives) {

    String line() {
      StringBuilder line = new StringBuilder();
      line.append(store).append('\t').append(ledger).append('\t').append(looksAtMetadata);
      line.append('\t').append(maxPauseUs).append('\t').append(seed);
      lives.forEach(number -> line.append('\t').append(number));
      return line.toString();
    }

    static Orders parse(String line) {
      String[] words = line.split("\t", -1);
      return new Orders(
          Path.of(words[0]),
          Path.of(words[1]),
          Boolean.parseBoolean(words[2]),
          Integer.parseInt(words[3]),
          Long.parseLong(words[4]),
          List.of(words).subList(5, words.length).stream().map(Long::valueOf).toList());
    }

    /** Continues a history as the lives before did, and forgets what was lost after each. */
    void continueLives(StoreHistory history) {
      for (int i = 0; i < lives.size(); i += 2) {
        StoreScript script = new StoreScript(lives.get(i), history);
        script.continueTo(lives.get(i + 1));
        history.truncate(lives.get(i + 1));
      }
    }
  }

  /** Arguments: a directory for the warm-up, whether to warm up the metadata map, too. */
  public static void main(String[] args) throws IOException {
    warmUp(Path.of(args[0]), Boolean.parseBoolean(args[1]));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println("waiting");
    String line = readLine();
    if (line != null && !line.isEmpty()) {
      new StoreProcess(Orders.parse(line), out).run();
    }
  }

  private static @Nullable String readLine() throws IOException {
    return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
  }

  /** Does everything once, so that the first moments of the real work are no slower than later. */
  private static void warmUp(Path directory, boolean looksAtMetadata) throws IOException {
    StoreScript script = new StoreScript(1, new StoreHistory());
    for (int opening = 0; opening < 2; opening++) {
      ChangeTracker tracker = ChangeTracker.open(directory, StoreScript.SHARD, StoreScript.OPTIONS);
      for (int step = 0; step < WARM_UP_STEPS; step++) {
        script.perform(script.next(), tracker);
      }
      if (looksAtMetadata) {
        tracker.metadata(1);
      }
      tracker.abandon();
    }
    Directories.deleteTree(directory);
  }

  private void run() {
    try {
      while (true) {
        out.println("opening");
        ledger.begin(Activity.OPENING);
        ChangeTracker tracker =
            ChangeTracker.open(orders.store, StoreScript.SHARD, StoreScript.OPTIONS);
        out.println("ready");
        for (int steps = 1 + pace.nextInt(MAX_STEPS_PER_OPENING); steps > 0; steps--) {
          step(tracker);
        }
        ledger.begin(Activity.CLOSING);
        if (pace.nextBoolean()) {
          tracker.close();
        } else {
          tracker.abandon();
        }
      }
    } catch (IOException | StoreFailedException e) {
      out.println("failed " + e);
    } catch (RuntimeException | Error e) {
      out.println("crashed " + e + " at " + List.of(e.getStackTrace()));
    }
  }

  private void step(ChangeTracker tracker) throws IOException {
    StoreScript.Action action = script.next();
    ledger.submit(history.lastPosition());
    ledger.begin(
        switch (action) {
          case APPEND -> Activity.APPENDING;
          case RUN -> Activity.PREPARING_OR_COMMITTING;
          case FORCE -> Activity.FORCING;
          case SEAL -> Activity.SEALING;
          case CHECKPOINT -> Activity.CHECKPOINTING;
        });
    boolean isDurable = script.perform(action, tracker);
    ledger.acknowledgeApplied(tracker.position());
    if (isDurable) {
      checkPower();
      ledger.acknowledgeDurable(tracker.position());
    }
    if (orders.looksAtMetadata && pace.nextInt(STEPS_PER_METADATA_LOOK) == 0) {
      ledger.begin(Activity.FOLDING_METADATA);
      tracker.metadata(1);
      out.println("metadata");
    }
    if (orders.maxPauseUs > 0) {
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(pace.nextInt(orders.maxPauseUs)));
    }
  }

  /**
   * Fails if the power was cut by now.
   *
   * <p>A force that the cut overtakes can return as if it had worked: the file system, shut down,
   * drops the last step of the write in silence. A machine without power acknowledges nothing. To
   * open a file writes nothing, so it makes nothing durable that was not.
   */
  private void checkPower() throws IOException {
    Files.newByteChannel(new StoreLayout(orders.store).store()).close();
  }
}
