package io.tidemark.tracker;

import io.tidemark.storage.Directories;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The program of a process that is killed or whose disk loses power.
 *
 * <p>It warms up on a store of its own, says that it is waiting, and begins a {@link StoreLife}
 * with each line of orders that it reads from stdin; an empty line ends it.
 */
final class StoreProcess {
  private static final int WARM_UP_STEPS = 60;

  private StoreProcess() {}

  /** Arguments: a directory for the warm-up, whether to warm up the metadata map, too. */
  public static void main(String[] args) throws IOException {
    warmUp(Path.of(args[0]), Boolean.parseBoolean(args[1]));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    out.println("waiting");
    int lives = 0;
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      Thread life =
          new Thread(new StoreLife(lives, StoreLife.Orders.parse(line), out), "life-" + lives);
      life.setDaemon(true);
      life.start();
      lives++;
    }
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
}
