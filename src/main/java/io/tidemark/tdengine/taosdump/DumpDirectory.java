package io.tidemark.tdengine.taosdump;

import io.tidemark.storage.Directories;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory that one plan is carried out in, by a script or by the runner, which may take
 * turns; its layout is in {@link TaosdumpScript}.
 *
 * <p>One thread, and one run at a time.
 */
final class DumpDirectory {
  static final String DUMP = "dump";
  static final String ROWS = "rows";
  static final String GONE = "gone";

  private static final String PLAN = "PLAN";
  private static final String COMPLETE = "COMPLETE";
  private static final String RUNNING = "running";
  private static final String CALLS = "calls";
  private static final String PART = ".part";
  private static final String TEMPORARY = ".tmp";
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  private static final Set<PosixFilePermission> OWNERS =
      PosixFilePermissions.fromString("rwx------");

  private final Path root;

  DumpDirectory(Path root) {
    this.root = root;
  }

  Path root() {
    return root;
  }

  /**
   * Makes the directory, if need be, that of a plan.
   *
   * @throws TaosdumpException if it holds the output of another one
   */
  void claim(String plan) throws IOException {
    Directories.create(root);
    Path file = root.resolve(PLAN);
    if (Files.exists(file)) {
      String actual = Files.readString(file).strip();
      if (!actual.equals(plan)) {
        throw new TaosdumpException(
            "this directory holds the output of another plan: expected="
                + plan
                + ", actual="
                + actual
                + ", directory="
                + root);
      }
    } else {
      write(PLAN, plan + "\n", false);
    }
    Directories.create(root.resolve(CALLS));
    restrict(root.resolve(CALLS));
  }

  /**
   * Says that a run works here.
   *
   * @throws TaosdumpException if another one does, in this process or another
   */
  void beginRun() throws IOException {
    Path file = root.resolve(RUNNING);
    String own = TaosdumpProcess.identity(ProcessHandle.current()) + "\n";
    try {
      Files.writeString(file, own, StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      String other = Files.readString(file).strip();
      if (isAlive(other)) {
        throw new TaosdumpException(
            "another run works here: pid=" + other.replaceFirst(" .*", "") + ", directory=" + root);
      }
      Files.writeString(file, own);
    }
  }

  /**
   * Returns whether the process that a file tells of is there: it tells when it began, unless it is
   * a script's, which this is not. After a restart another process may have the same number; in a
   * container that is often this one.
   */
  private static boolean isAlive(String told) {
    return TaosdumpProcess.find(told, there -> !there.equals(ProcessHandle.current()))
        .filter(ProcessHandle::isAlive)
        .isPresent();
  }

  /** Says that the run is over. */
  void endRun() throws IOException {
    Files.deleteIfExists(root.resolve(RUNNING));
  }

  /** Returns the bytes of a file; null if there is none. */
  static byte @Nullable [] readIfThere(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Writes a file whole or not at all; durable when it returns. */
  void write(String name, String text, boolean isExecutable) throws IOException {
    write(name, text.getBytes(StandardCharsets.UTF_8), isExecutable);
  }

  /** Writes a file whole or not at all; durable when it returns. */
  void write(String name, byte[] content) throws IOException {
    write(name, content, false);
  }

  private void write(String name, byte[] content, boolean isExecutable) throws IOException {
    Path temporary = root.resolve(name + TEMPORARY);
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    if (isExecutable) {
      restrict(temporary);
    }
    Files.move(
        temporary,
        root.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    Directories.force(root);
  }

  /** Makes a script, or the directory of what was copied, the owner's alone. */
  private static void restrict(Path path) throws IOException {
    if (Files.getFileAttributeView(path, PosixFileAttributeView.class) != null) {
      Files.setPosixFilePermissions(path, OWNERS);
    }
  }

  /**
   * Returns how many rows a call copied that is done, or null if it is not.
   *
   * @throws TaosdumpException if its directory is not as it was left
   */
  @Nullable Long rowsOf(int call) throws IOException {
    Path directory = done(call);
    if (!Files.exists(directory)) {
      return null;
    }
    Path file = directory.resolve(ROWS);
    String text = Files.exists(file) ? Files.readString(file).strip() : "";
    if (!NUMBER.matcher(text).matches()) {
      throw new TaosdumpException("a call is not as it was left: directory=" + directory);
    }
    return Long.parseLong(text);
  }

  /** Returns whether a call that is done found its object gone. */
  boolean isGone(int call) {
    return Files.exists(done(call).resolve(GONE));
  }

  /** Returns what taosdump wrote in a call that is done. */
  Path dump(int call) {
    return done(call).resolve(DUMP);
  }

  /** Returns the directory of a call that is done. */
  Path done(int call) {
    return root.resolve(CALLS).resolve(TaosdumpScript.number(call));
  }

  /** Returns the directory of a call that is not done, from the root. */
  static String part(int call) {
    return CALLS + "/" + TaosdumpScript.number(call) + PART;
  }

  /** Returns what a call that is not done writes to, from the root. */
  static String dumpOf(Path part) {
    return CALLS + "/" + part.getFileName() + "/" + DUMP;
  }

  /** Makes the directory of a call empty. */
  Path beginCall(int call) throws IOException {
    Path part = root.resolve(part(call));
    TaosdumpProcess.killLeftBehind(part);
    Directories.deleteTree(part);
    Files.createDirectories(part.resolve(DUMP));
    return part;
  }

  /** Makes everything of a call durable, then makes it done. */
  void endCall(int call, long rows, boolean isGone) throws IOException {
    Path part = root.resolve(part(call));
    Files.writeString(part.resolve(ROWS), rows + "\n");
    if (isGone) {
      Files.writeString(part.resolve(GONE), "");
    }
    try (Stream<Path> tree = Files.walk(part)) {
      for (Path path : (Iterable<Path>) tree::iterator) {
        force(path);
      }
    }
    Files.move(part, done(call), StandardCopyOption.ATOMIC_MOVE);
    Directories.force(root.resolve(CALLS));
  }

  private static void force(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      Directories.force(path);
    } else {
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
  }

  /** Says that all calls are done; durable when it returns. */
  void complete(long rows) throws IOException {
    write(COMPLETE, rows + "\n", false);
  }

  /** Returns how many rows all calls copied, as it was written when they were done; else empty. */
  String completeRows() throws IOException {
    return textOf(COMPLETE);
  }

  /** Returns the digest of the plan whose output is here; empty if nobody said so. */
  String plan() throws IOException {
    return textOf(PLAN);
  }

  private String textOf(String name) throws IOException {
    Path file = root.resolve(name);
    return Files.exists(file)
        ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip()
        : "";
  }

  /** Deletes everything; ends what still writes there. */
  void delete() throws IOException {
    if (Files.isDirectory(calls())) {
      for (Path call : Directories.list(calls())) {
        TaosdumpProcess.killLeftBehind(call);
      }
    }
    Directories.deleteTree(root);
  }

  /** Returns where the calls are. */
  Path calls() {
    return root.resolve(CALLS);
  }

  boolean isComplete() {
    return Files.exists(root.resolve(COMPLETE));
  }
}
