package io.tidemark.tracker;

import io.tidemark.errors.TidemarkException;
import io.tidemark.tracker.WriterLedger.Activity;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One life of a store in a {@link StoreProcess}: it opens, writes, seals, recycles and closes the
 * store again and again, keeps a ledger, and says what it is at.
 *
 * <p>It ends with the process, or when the disk fails: then it lets go of the store, so that the
 * process can do without the disk.
 */
final class StoreLife implements Runnable {
  private static final int MAX_STEPS_PER_OPENING = 500;
  private static final int STEPS_PER_METADATA_LOOK = 8;

  private final int number;
  private final Orders orders;
  private final PrintStream out;
  private final WriterLedger ledger;
  private final StoreHistory history = new StoreHistory();
  private final StoreScript script;
  private final Random pace;

  /**
   * Creates a life.
   *
   * @param number begins every line it says
   */
  StoreLife(int number, Orders orders, PrintStream out) throws IOException {
    this.number = number;
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

  @Override
  public void run() {
    try {
      while (true) {
        beOpen();
      }
    } catch (IOException | TidemarkException e) {
      // What was mapped is let go of when it is collected.
      System.gc();
      say("failed " + e);
    } catch (RuntimeException | Error e) {
      say("crashed " + e + " at " + List.of(e.getStackTrace()));
    }
  }

  private void say(String what) {
    out.println(number + " " + what);
  }

  /** Opens the store, works on it and closes it. */
  private void beOpen() throws IOException {
    say("opening");
    ledger.begin(Activity.OPENING);
    ChangeTracker tracker =
        ChangeTracker.open(orders.store, StoreScript.SHARD, StoreScript.OPTIONS);
    boolean isWanted = false;
    try {
      say("ready");
      for (int steps = 1 + pace.nextInt(MAX_STEPS_PER_OPENING); steps > 0; steps--) {
        step(tracker);
      }
      ledger.begin(Activity.CLOSING);
      isWanted = pace.nextBoolean();
    } finally {
      if (isWanted) {
        tracker.close();
      } else {
        tracker.abandon();
      }
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
      say("metadata");
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
