package io.tidemark.tools;

import io.tidemark.block.ChangeKind;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.BlockPage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The steps of the demo of the embedded engine. An incremental copy of it is kept in memory; after
 * each step it has to be what the engine is.
 */
final class EmbeddedStory {
  private static final int BLOCKS = 1000;
  private static final int CREATED = 10;
  private static final int UPDATED = 30;
  private static final int DELETED = 5;

  /** Updates after which the child process is killed, and more it is given just before. */
  private static final int UPDATES_BEFORE_KILL = 20;

  private static final int UPDATES_AT_KILL = 5;

  private static final int UPDATES_GONE_BACK = 12;

  private final Path directory;
  private final boolean isKept;
  private final DemoTeller teller;

  /** What was copied of the engine so far, and through which position. */
  private final Map<Long, ByteBuffer> copy = new HashMap<>();

  private WalPosition copiedThrough = WalPosition.BEFORE_ALL;

  EmbeddedStory(Terminal terminal, Path directory, boolean isKept) {
    this.directory = directory;
    this.isKept = isKept;
    this.teller =
        new DemoTeller(
            terminal,
            directory,
            "Tidemark demo: an incremental copy of a small storage engine",
            "Blocks of bytes in files, with a log and flushes. A store is told what",
            "changes; a copy is made of what it names and nothing else.");
  }

  void tell() throws IOException, InterruptedException {
    try (DemoEngine demo = DemoEngine.open(directory)) {
      teller.heading("The engine creates blocks and flushes them; all are copied");
      for (long id = 0; id < BLOCKS; id++) {
        demo.create(id);
      }
      demo.engine().flush();
      copyWhatChanged(demo, BLOCKS);

      teller.heading("Some blocks change; only these are copied");
      change(demo);
      copyWhatChanged(demo, CREATED + UPDATED + DELETED);
    }

    teller.heading("A full backup is taken, and every byte of it verified");
    backUp("--full");
    teller.show(ExitCode.DONE, VerifyCommand.NAME, "--archive", inside("archive"));

    teller.heading("A process that changes blocks is killed in the middle (SIGKILL)");
    kill();

    try (DemoEngine demo = DemoEngine.open(directory)) {
      teller.heading("Engine and store are opened again: nothing is missed");
      teller.say(
          "The engine's log goes on in generation " + demo.engine().statistics().generation());
      BlockPage page = demo.changedAfter(copiedThrough);
      teller.require(
          page.totalBlocks() >= UPDATES_BEFORE_KILL
              && page.totalBlocks() <= UPDATES_BEFORE_KILL + UPDATES_AT_KILL,
          "every update that was reported is in the answer");
      copyWhatChanged(demo, page.totalBlocks());

      teller.heading("The engine is rolled back: what went back has changed too");
      long last = demo.engine().walOffset();
      for (int n = 0; n < UPDATES_GONE_BACK; n++) {
        demo.update(DemoEngine.nth(n));
      }
      copyWhatChanged(demo, UPDATES_GONE_BACK);
      demo.engine().rollbackTo(last);
      copyWhatChanged(demo, UPDATES_GONE_BACK);
    }

    teller.heading("A backup of what changed since; both together restore the engine");
    backUp();
    restore();

    try (DemoEngine demo = DemoEngine.openForgetful(directory)) {
      teller.heading("The log is recycled while nobody reads it: the hole is named");
      demo.engine().stop();
      demo.update(1);
      demo.engine().flush();
      demo.feed();
      BlockPage page = demo.changedAfter(copiedThrough);
      teller.say("Verdict " + page.verdict());
      page.holes().forEach(hole -> teller.say("Hole " + hole));
      teller.require(page.verdict() == Verdict.FULL_REQUIRED, "a full copy is asked for");
    }

    teller.heading("Proof: the journal alone gives the same states and changes");
    String store = inside("store");
    teller.show(ExitCode.DONE, "replay", store, "--rebuild");
    teller.show(ExitCode.DONE, "check", store);
    teller.end(isKept);
  }

  private String inside(String name) {
    return directory.resolve(name).toString();
  }

  private void backUp(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                BackupCommand.NAME,
                "--engine",
                inside("engine"),
                "--store",
                inside("store"),
                "--archive",
                inside("archive")));
    args.addAll(List.of(more));
    teller.show(ExitCode.DONE, args.toArray(String[]::new));
  }

  private void restore() throws IOException {
    Path target = directory.resolve("restored");
    teller.show(
        ExitCode.DONE,
        RestoreCommand.NAME,
        "--archive",
        inside("archive"),
        "--target",
        target.toString());
    try (EmbeddedEngine restored = EngineAndStore.openEngine(target)) {
      teller.require(isSame(restored), "what was restored is the engine, block by block");
    }
  }

  private static void change(DemoEngine demo) throws IOException {
    for (int n = 0; n < UPDATED; n++) {
      demo.update(n);
    }
    for (int n = 0; n < DELETED; n++) {
      demo.engine().delete(BLOCKS / 2 + n);
    }
    for (int n = 0; n < CREATED; n++) {
      demo.create(BLOCKS + n);
    }
  }

  /** Copies the blocks that changed since the last copy, and compares it with the engine. */
  private void copyWhatChanged(DemoEngine demo, int expected)
      throws IOException, InterruptedException {
    BlockPage page = demo.changedAfter(copiedThrough);
    int deleted = 0;
    for (BlockChange change : page.changes()) {
      long blockId = change.blockId();
      if (change.kind() == ChangeKind.DELETED) {
        copy.remove(blockId);
        deleted++;
      } else {
        copy.put(blockId, read(demo.engine(), blockId));
      }
    }
    WalPosition through = Objects.requireNonNull(page.completeThrough(), "nothing is complete");
    teller.say(
        "Changed after "
            + copiedThrough
            + ": "
            + page.totalBlocks()
            + " blocks, "
            + deleted
            + " of them deleted; complete through "
            + through);
    copiedThrough = through;
    teller.require(
        page.verdict() == Verdict.EXACT && page.totalBlocks() == expected,
        "verdict is EXACT, " + expected + " blocks");
    teller.require(isSame(demo.engine()), "the copy is the engine, block by block");
  }

  private static @Nullable ByteBuffer read(EmbeddedEngine engine, long blockId) throws IOException {
    byte[] content = engine.read(blockId);
    return content == null ? null : ByteBuffer.wrap(content);
  }

  private boolean isSame(EmbeddedEngine engine) throws IOException {
    Map<Long, ByteBuffer> blocks = new HashMap<>();
    engine.forEachBlock((id, length) -> blocks.put(id, read(engine, id)));
    return blocks.equals(copy);
  }

  private void kill() throws IOException, InterruptedException {
    try (DemoChild child = DemoChild.start(DemoEngineCommand.NAME, directory.toString())) {
      long updated = 0;
      for (int i = 0; i < UPDATES_BEFORE_KILL; i++) {
        child.order();
        updated = child.awaitReply();
      }
      for (int i = 0; i < UPDATES_AT_KILL; i++) {
        child.order();
      }
      int exitCode = child.kill();
      teller.say(
          "Pid "
              + child.pid()
              + " has reported "
              + updated
              + " updates and is at work on more: killed.");
      teller.require(exitCode == DemoChild.KILLED, "the process died of SIGKILL");
    }
  }
}
