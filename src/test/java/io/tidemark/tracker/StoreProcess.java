package io.tidemark.tracker;

import io.tidemark.errors.StoreFailedException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The program of a process whose disk loses power: it goes on writing a store and tells on stdout
 * which journal position is durable.
 */
final class StoreProcess {
  private static final int STEPS_PER_OPENING = 60;

  private StoreProcess() {}

  /**
   * Arguments: store, whether to look at metadata, then for each life of the store its seed and,
   * except for the last, the position that was recovered after it.
   */
  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[0]);
    boolean looksAtMetadata = Boolean.parseBoolean(args[1]);
    StoreHistory history = new StoreHistory();
    for (int i = 2; i + 1 < args.length; i += 2) {
      continueTo(history, Long.parseLong(args[i]), Long.parseLong(args[i + 1]));
    }
    long seed = Long.parseLong(args[args.length - 1]);
    StoreScript script = new StoreScript(seed, history);
    Random pace = new Random(seed);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println("opening");
    try {
      while (true) {
        try (ChangeTracker tracker =
            ChangeTracker.open(root, StoreScript.SHARD, StoreScript.OPTIONS)) {
          out.println("ready");
          for (int step = 0; step < STEPS_PER_OPENING; step++) {
            StoreScript.Action action = script.next();
            out.println("appending " + history.lastPosition());
            if (script.perform(action, tracker)) {
              checkPower(root);
              out.println("durable " + tracker.position());
            }
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(pace.nextInt(2000)));
          }
          if (looksAtMetadata) {
            tracker.metadata(1);
            out.println("metadata");
          }
        }
      }
    } catch (IOException | StoreFailedException e) {
      out.println("failed " + e);
    } catch (RuntimeException | Error e) {
      out.println("crashed " + e + " at " + List.of(e.getStackTrace()));
    }
  }

  /**
   * Fails if the power was cut by now.
   *
   * <p>A force that the cut overtakes can return as if it had worked: the file system, shut down,
   * drops the last step of the write in silence. A machine without power acknowledges nothing. To
   * open a file writes nothing, so it makes nothing durable that was not.
   */
  private static void checkPower(Path root) throws IOException {
    Files.newByteChannel(new StoreLayout(root).store()).close();
  }

  /** Continues a history as a life with this seed did, and forgets what was lost after it. */
  static void continueTo(StoreHistory history, long seed, long recovered) {
    StoreScript script = new StoreScript(seed, history);
    while (history.lastPosition() < recovered) {
      script.next();
    }
    history.truncate(recovered);
  }
}
