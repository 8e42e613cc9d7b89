package io.tidemark.archive;

import io.tidemark.backup.BackupTool;
import io.tidemark.backup.BatchReceipt;
import io.tidemark.backup.JsonObject;
import io.tidemark.backup.RunPlan;
import io.tidemark.backup.RunWriter;
import io.tidemark.backup.SealedRun;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.WrongKeyException;
import io.tidemark.ingest.BlockReader;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The backup tool that copies the content of blocks into an archive. */
public final class ArchiveTool implements BackupTool {

  /*
   * A batch is a file of its own, forced before its receipt is given. A run that goes on keeps the
   * files that have receipts and deletes the others. The manifest is written under a temporary name,
   * forced and renamed: with that the run is sealed.
   */

  private final Archive archive;
  private final ArchiveOptions options;

  /** Writes to an archive, which is created with its first run. */
  public ArchiveTool(Archive archive, ArchiveOptions options) {
    this.archive = archive;
    this.options = options;
  }

  @Override
  public String location() {
    return "archive:" + archive.root().toAbsolutePath().normalize();
  }

  /** {@inheritDoc} A run whose manifest is damaged is not sealed. */
  @Override
  public @Nullable SealedRun sealed(String runId) throws IOException {
    try {
      ArchivedRun run = archive.find(runId);
      return run == null ? null : sealed(run);
    } catch (CorruptFileException e) {
      return null;
    }
  }

  static SealedRun sealed(ArchivedRun run) {
    return new SealedRun(run.runId(), run.manifest().plan(), run.digest());
  }

  @Override
  public @Nullable SealedRun endingAt(long storeId, String chain, long journalPosition)
      throws IOException {
    ArchivedRun found = find(storeId, chain, journalPosition);
    return found == null ? null : sealed(found);
  }

  /** Looks at the newest manifests first: they are long, and it is nearly always the newest. */
  private @Nullable ArchivedRun find(long storeId, String chain, long journalPosition)
      throws IOException {
    List<String> names = archive.names();
    ArchivedRun found = null;
    for (int i = names.size() - 1; i >= 0; i--) {
      ArchivedRun run = archive.entry(names.get(i)).run();
      if (run != null && endsAt(run.manifest().plan(), storeId, chain, journalPosition)) {
        found = run;
        if (run.manifest().standsFor() == null) {
          return run;
        }
      }
    }
    return found;
  }

  private static boolean endsAt(RunPlan plan, long storeId, String chain, long journalPosition) {
    return plan.storeId() == storeId && plan.chain().equals(chain) && plan.end() == journalPosition;
  }

  @Override
  public RunWriter open(RunPlan plan, BlockReader blocks, List<BatchReceipt> done)
      throws IOException {
    StorageIO io = archive.io();
    Path directory = archive.directory(plan.runId());
    io.createDurably(directory);
    List<ManifestFile> files = new ArrayList<>();
    Set<String> known = new HashSet<>();
    KeyParameters begunWith = null;
    for (BatchReceipt receipt : done) {
      JsonObject detail =
          JsonObject.parse(
              receipt.detail().getBytes(StandardCharsets.UTF_8), "receipt of " + plan.runId());
      ManifestFile file = ManifestFormat.file(detail.object("file"));
      checkWritten(directory.resolve(file.name()), file);
      JsonObject encryption = detail.objectOrNull("encryption");
      begunWith = encryption == null ? null : KeyParameters.read(encryption, plan.runId());
      files.add(file);
      known.add(file.name());
    }
    for (Path path : io.list(directory)) {
      if (!known.contains(path.getFileName().toString())) {
        io.deleteTree(path);
      }
    }
    KeyParameters like = files.isEmpty() ? parametersOfParent(plan) : begunWith;
    RunEncoding encoding = RunEncoding.of(options, like, plan.runId());
    if (!files.isEmpty() && !Objects.equals(encoding.parameters(), begunWith)) {
      throw new WrongKeyException(
          "run was begun with another key, or without one: run="
              + plan.runId()
              + ", begunEncrypted="
              + (begunWith != null)
              + ", encrypted="
              + (encoding.parameters() != null));
    }
    return new ArchiveRunWriter(archive, plan, encoding, blocks, files);
  }

  private void checkWritten(Path path, ManifestFile file) throws IOException {
    long length = archive.io().exists(path) ? archive.io().length(path) : -1;
    if (length != file.lengthBytes()) {
      throw new CorruptFileException(
          "corrupt file: not what was written before the interruption: expectedLength="
              + file.lengthBytes()
              + ", actual="
              + length
              + ", file="
              + path);
    }
  }

  /** Returns the parameters of the run before, so that a chain needs one derivation. */
  private @Nullable KeyParameters parametersOfParent(RunPlan plan) throws IOException {
    RunPlan.Parent parent = plan.parent();
    ArchivedRun before = parent == null ? null : archive.find(parent.runId());
    return before == null ? null : before.manifest().encryption();
  }

  @Override
  public void discard(String runId) throws IOException {
    if (sealed(runId) != null) {
      throw new IllegalStateException("run is sealed: run=" + runId);
    }
    archive.delete(runId);
  }
}
