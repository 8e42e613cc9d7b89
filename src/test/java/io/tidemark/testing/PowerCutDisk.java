package io.tidemark.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A small ext4 file system in a file in memory, whose power can be cut: everything that was not
 * forced is gone, and every later write fails.
 *
 * <p>Linux, root, and perl or python3 only; {@link #whyUnavailable} tells. Unmounted and deleted by
 * {@link #close} and at the latest when the JVM ends.
 */
public final class PowerCutDisk implements AutoCloseable {

  /* EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: neither data nor the file system's journal
   * reach the disk any more. */
  private static final String PERL =
      "my $flags = pack('I', 2);"
          + "open(F, '<', $ARGV[0]) && ioctl(F, 0x8004587d, $flags) or die \"$!\\n\"";
  private static final String PYTHON =
      "import fcntl, os, struct, sys\n"
          + "fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))";

  private static final Path MEMORY = Path.of("/dev/shm");
  private static final int LENGTH_MIB = 256;
  private static final int UNMOUNT_ATTEMPTS = 2_000;
  private static final int UNMOUNT_PAUSE_MS = 5;

  private final Path image;
  private final Path mountPoint;
  private final List<String> shutdownCommand;
  private final Thread atExit = new Thread(this::cleanUp);
  private boolean isMounted;

  /** Creates and mounts the file system. */
  public PowerCutDisk() throws IOException, InterruptedException {
    List<String> command = shutdownCommand();
    if (command == null) {
      throw new IOException("neither perl nor python3");
    }
    this.shutdownCommand = command;
    Path directory = Files.createTempDirectory(MEMORY, "tidemark-power");
    this.image = directory.resolve("image");
    this.mountPoint = Files.createDirectory(directory.resolve("disk"));
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      run("truncate", "-s", LENGTH_MIB + "M", image.toString());
      run("mkfs.ext4", "-q", "-F", image.toString());
      mount();
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Returns why there can be no such disk here, or null if there can. */
  public static @Nullable String whyUnavailable() throws InterruptedException {
    if (!Files.isWritable(MEMORY)) {
      return "no " + MEMORY;
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      return "not root";
    }
    try (PowerCutDisk disk = new PowerCutDisk()) {
      disk.cut();
      return null;
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  /** Returns the directory on the disk. */
  public Path path() {
    return mountPoint;
  }

  /** Mounts it: what is durable appears. */
  public void mount() throws IOException, InterruptedException {
    run("mount", "-o", "loop", image.toString(), mountPoint.toString());
    isMounted = true;
  }

  /** Cuts the power; whoever has files open may go on and gets errors. */
  public void cut() throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(shutdownCommand);
    all.add(mountPoint.toString());
    run(all.toArray(String[]::new));
  }

  private static @Nullable List<String> shutdownCommand() throws InterruptedException {
    for (List<String> command :
        List.of(List.of("perl", "-e", PERL), List.of("python3", "-c", PYTHON))) {
      try {
        run(command.get(0), "--version");
        return command;
      } catch (IOException e) {
        // The next one.
      }
    }
    return null;
  }

  /** Unmounts it; no process may have a file of it open or mapped for long. */
  public void unmount() throws IOException, InterruptedException {
    if (!unmountWithin(UNMOUNT_ATTEMPTS)) {
      throw new IOException("disk stays busy: mount point=" + mountPoint);
    }
  }

  /**
   * Unmounts it if nobody has a file of it open or mapped soon.
   *
   * @return whether it is unmounted
   */
  public boolean unmountWithin(int attempts) throws IOException, InterruptedException {
    for (int attempt = 1; attempt <= attempts; attempt++) {
      try {
        run("umount", mountPoint.toString());
        isMounted = false;
        return true;
      } catch (IOException e) {
        TimeUnit.MILLISECONDS.sleep(UNMOUNT_PAUSE_MS);
      }
    }
    return false;
  }

  /** Copies a directory, without the holes of sparse files. */
  public static void copy(Path from, Path to) throws IOException, InterruptedException {
    run("cp", "-r", "--sparse=always", from.toString(), to.toString());
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException("command failed: command=" + command[0] + ", output=" + output);
    }
  }

  private void cleanUp() {
    try {
      if (isMounted) {
        run("umount", "-l", mountPoint.toString());
        isMounted = false;
      }
      Files.deleteIfExists(mountPoint);
      Files.deleteIfExists(image);
      Files.deleteIfExists(image.getParent());
    } catch (IOException | InterruptedException e) {
      System.err.println("cannot remove the test's disk: " + e);
    }
  }

  @Override
  public void close() {
    cleanUp();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}
