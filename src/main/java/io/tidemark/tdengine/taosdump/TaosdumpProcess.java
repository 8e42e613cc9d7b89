package io.tidemark.tdengine.taosdump;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Starts taosdump, waits for it, and kills it when it is told to.
 *
 * <p>One thread, but for {@link #cancel}.
 */
final class TaosdumpProcess {

  /*
   * A call is written into a file for the shell, which becomes taosdump: Java turns the letters of an argument
   * into question marks where the locale does not have them, the shell hands over bytes. What taosdump prints
   * goes to files, so its length costs no memory, and the two streams do not get into each other.
   */

  private static final String SCRIPT = "call.sh";
  private static final String OUT = "printed.txt";
  private static final String ERR = "printed-err.txt";

  /** Which process makes a call, as long as it runs. */
  static final String PID = "pid";

  private static final Pattern VERSION = Pattern.compile("taosdump version: *(\\S+)");

  /** The number of a process and, if no script wrote it, when that began. */
  private static final Pattern PROCESS = Pattern.compile("([0-9]{1,18})( [0-9]{1,18})?");

  /** Ends what is told of a process whose beginning the system does not tell. */
  private static final String NO_BEGINNING = " 0";

  private static final long KILL_AFTER_MS = 5_000;
  private static final int VERSION_LIMIT_BYTES = 1 << 16;
  private static final long VERSION_LIMIT_S = 60;

  private final Path root;
  private final RunOptions options;
  private final String program;
  private @Nullable Process child;
  private boolean isCancelled;

  TaosdumpProcess(Path root, RunOptions options) {
    this.root = root;
    this.options = options;
    // The call is made in another directory.
    this.program =
        options.program().contains("/")
            ? Path.of(options.program()).toAbsolutePath().toString()
            : options.program();
  }

  /**
   * Asks taosdump for its version.
   *
   * @throws TaosdumpException if there is no taosdump, or it is not of version 3
   */
  String version() throws IOException {
    Path printed = Files.createTempFile("taosdump-version-", ".txt");
    Matcher version;
    try {
      Process asked =
          withoutSecrets(new ProcessBuilder(program, "--version"))
              .redirectErrorStream(true)
              .redirectOutput(printed.toFile())
              .start();
      asked.getOutputStream().close();
      if (!asked.waitFor(VERSION_LIMIT_S, TimeUnit.SECONDS)) {
        kill(asked);
        throw new TaosdumpException("taosdump does not answer: program=" + program);
      }
      try (InputStream in = Files.newInputStream(printed)) {
        byte[] text = in.readNBytes(VERSION_LIMIT_BYTES);
        version = VERSION.matcher(new String(text, StandardCharsets.UTF_8));
      }
    } catch (TaosdumpException e) {
      throw e;
    } catch (IOException e) {
      throw new TaosdumpException("taosdump was not found: program=" + program, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cancelled();
    } finally {
      Files.delete(printed);
    }
    String found = version.find() ? version.group(1) : "unknown";
    if (!found.startsWith("3.")) {
      throw new TaosdumpException(
          "taosdump is not of version 3: version=" + found + ", program=" + program);
    }
    return found;
  }

  /**
   * Makes a call and returns what it came to.
   *
   * @param words of a shell, behind the program and the connection
   * @param part where the call leaves its files, from the root
   * @throws TaosdumpException if the run was cancelled; taosdump is not running any more
   */
  TaosdumpOutcome call(Direction direction, List<String> words, String part) throws IOException {
    List<String> all = new ArrayList<>();
    all.add("exec");
    all.add(ObjectNames.quoted(program));
    all.addAll(options.connection().words());
    all.addAll(words);
    Path directory = root.resolve(part);
    Files.writeString(directory.resolve(SCRIPT), String.join(" ", all) + "\n");
    Path out = directory.resolve(OUT);
    Path err = directory.resolve(ERR);
    Process process =
        start(
            new ProcessBuilder("sh", part + "/" + SCRIPT)
                .directory(root.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile()));
    int code;
    try {
      Files.writeString(directory.resolve(PID), identity(process.toHandle()) + "\n");
      handPassword(process);
      code = process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      kill(process);
      throw cancelled();
    } catch (IOException e) {
      kill(process);
      throw e;
    } finally {
      synchronized (this) {
        child = null;
      }
    }
    Files.delete(directory.resolve(PID));
    synchronized (this) {
      if (isCancelled) {
        throw cancelled();
      }
    }
    try (InputStream first = Files.newInputStream(out);
        InputStream second = Files.newInputStream(err)) {
      return TaosdumpOutput.outcome(direction, code, List.of(first, second));
    }
  }

  /** Returns what tells a process from others that had its number: that, and when it began. */
  static String identity(ProcessHandle process) {
    return process.pid()
        + " "
        + process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  /**
   * Returns the process that {@link #identity} was written of, or a script's number, if it is
   * there.
   *
   * @param isOfScript whether a process that has the number which a script wrote is the one
   */
  static Optional<ProcessHandle> find(String told, Predicate<ProcessHandle> isOfScript) {
    Matcher process = PROCESS.matcher(told);
    if (!process.matches()) {
      return Optional.empty();
    }
    Predicate<ProcessHandle> isIt =
        process.group(2) == null ? isOfScript : there -> identity(there).equals(told);
    return ProcessHandle.of(Long.parseLong(process.group(1))).filter(isIt);
  }

  /**
   * Kills the process that still makes a call of a run that was killed: what it writes would get
   * into the next one's output.
   *
   * @param part where the call left its files
   */
  static void killLeftBehind(Path part) throws IOException {
    Path file = part.resolve(PID);
    if (!Files.exists(file)) {
      return;
    }
    String left = Files.readString(file).strip();
    if (left.endsWith(NO_BEGINNING)) {
      return;
    }
    find(left, process -> isCallInto(part, process))
        .ifPresent(
            process -> {
              process.destroyForcibly();
              // One that nobody waits for stays in the list of processes, and writes no more.
              process
                  .onExit()
                  .completeOnTimeout(process, KILL_AFTER_MS, TimeUnit.MILLISECONDS)
                  .join();
            });
  }

  /** Returns whether a process was given a directory to write to, as far as its words tell. */
  private static boolean isCallInto(Path part, ProcessHandle process) {
    String dump = DumpDirectory.dumpOf(part);
    return Arrays.asList(process.info().arguments().orElse(new String[0])).contains(dump);
  }

  private synchronized Process start(ProcessBuilder builder) throws IOException {
    if (isCancelled) {
      throw cancelled();
    }
    Process process = withoutSecrets(builder).start();
    child = process;
    return process;
  }

  static ProcessBuilder withoutSecrets(ProcessBuilder builder) {
    SecretVariables.removeFrom(builder.environment());
    return builder;
  }

  /** Writes the password to standard input, and closes it. */
  private void handPassword(Process process) {
    String password = options.connection().password();
    try (OutputStream in = process.getOutputStream()) {
      if (password != null) {
        in.write((password + "\n").getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      // It closed its input before it asked for the password; what it prints says why.
      assert password != null : e;
    }
  }

  static TaosdumpException cancelled() {
    return new TaosdumpException("run was cancelled");
  }

  /** Ends the call that runs and makes no other one possible; from any thread. */
  synchronized void cancel() {
    isCancelled = true;
    if (child != null) {
      kill(child);
    }
  }

  synchronized boolean isCancelled() {
    return isCancelled;
  }

  private static void kill(Process process) {
    boolean wasInterrupted = Thread.interrupted();
    process.destroy();
    try {
      if (!process.waitFor(KILL_AFTER_MS, TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      wasInterrupted = true;
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
