package io.tidemark.tdengine;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The program of a process that a test kills: a server's WAL grows piece by piece, and a tracker
 * follows it and tells on stdout what it has applied.
 */
final class IngestProcess {
  private static final int MAX_PIECE = 6000;

  private IngestProcess() {}

  /** Arguments: store, growing vnode, vnode it grows to, seed, whether to look at metadata. */
  public static void main(String[] args) throws Exception {
    Path store = Path.of(args[0]);
    VnodeDirectory growing = new VnodeDirectory(Path.of(args[1]));
    Path target = Path.of(args[2]).resolve("wal");
    Random random = new Random(Long.parseLong(args[3]));
    boolean looksAtMetadata = Boolean.parseBoolean(args[4]);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try (VnodeStore tracked = new VnodeStore(growing, store)) {
      tracked.catchUp();
      out.println("ready");
      for (Path segment : segments(target)) {
        byte[] whole = Files.readAllBytes(segment);
        Path file = growing.walDirectory().resolve(String.valueOf(segment.getFileName()));
        if (!Files.exists(file)) {
          Files.createFile(file);
        }
        int length = (int) Files.size(file);
        while (length < whole.length) {
          int piece = Math.min(1 + random.nextInt(MAX_PIECE), whole.length - length);
          append(file, whole, length, piece);
          length += piece;
          tracked.catchUp();
          Long through = tracked.tracker().coverage().completeThrough();
          out.println("applied " + through);
          if (looksAtMetadata && random.nextInt(10) == 0) {
            tracked.tracker().metadata(1);
          }
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(4)));
        }
      }
    }
    out.println("done");
  }

  private static List<Path> segments(Path wal) throws IOException {
    try (Stream<Path> files = Files.list(wal)) {
      return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }
  }

  private static void append(Path file, byte[] whole, int from, int length) throws IOException {
    byte[] piece = new byte[length];
    System.arraycopy(whole, from, piece, 0, length);
    Files.write(file, piece, StandardOpenOption.APPEND);
  }
}
