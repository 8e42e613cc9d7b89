package io.tidemark.archive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.backup.Batch;
import io.tidemark.backup.BatchReceipt;
import io.tidemark.backup.CopyKind;
import io.tidemark.backup.RunEnd;
import io.tidemark.backup.RunPlan;
import io.tidemark.backup.RunWriter;
import io.tidemark.backup.SealedRun;
import io.tidemark.ingest.BlockReader;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A run that is being written to an archive, from the blocks of an engine. */
final class ArchiveRunWriter implements RunWriter {
  private static final JsonFactory JSON = new JsonFactory();

  private final Archive archive;
  private final RunPlan plan;
  private final RunEncoding encoding;
  private final BlockReader blocks;
  private final List<ManifestFile> files;

  /** Goes on behind the files that were written. */
  ArchiveRunWriter(
      Archive archive,
      RunPlan plan,
      RunEncoding encoding,
      BlockReader blocks,
      List<ManifestFile> written) {
    this.archive = archive;
    this.plan = plan;
    this.encoding = encoding;
    this.blocks = blocks;
    this.files = new ArrayList<>(written);
  }

  @Override
  public BatchReceipt write(Batch batch) throws IOException {
    assert batch.number() == files.size() + 1
        : "not the next batch: written=" + files.size() + ", number=" + batch.number();
    List<Long> gone = new ArrayList<>();
    try (RunFileWriter out = new RunFileWriter(archive, plan.runId(), batch.number(), encoding)) {
      for (int i = 0; i < batch.size(); i++) {
        long blockId = batch.blockId(i);
        if (!batch.kind(i).hasContent()) {
          out.write(blockId, batch.kind(i));
        } else if (!copy(blockId, batch.kind(i), out)) {
          out.write(blockId, CopyKind.GONE);
          gone.add(blockId);
        }
      }
      ManifestFile file = out.complete();
      files.add(file);
      return receipt(file, gone);
    }
  }

  private boolean copy(long blockId, CopyKind kind, RunFileWriter out) throws IOException {
    return blocks.read(blockId, (ByteBuffer content) -> out.write(blockId, kind, content));
  }

  private BatchReceipt receipt(ManifestFile file, List<Long> gone) throws IOException {
    return new BatchReceipt(
        file.batch(),
        file.lastId(),
        file.blocks(),
        file.deleted(),
        gone,
        file.contentBytes(),
        file.lengthBytes(),
        file.idsSha256(),
        detail(file));
  }

  private String detail(ManifestFile file) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeFieldName("file");
      ManifestFormat.write(file, json);
      json.writeStringField("compression", encoding.compression().name());
      KeyParameters parameters = encoding.parameters();
      if (parameters != null) {
        json.writeFieldName("encryption");
        parameters.write(json);
      }
      json.writeEndObject();
    }
    return text.toString();
  }

  @Override
  public SealedRun seal(RunEnd end) throws IOException {
    RunManifest manifest =
        new RunManifest(
            plan, end, encoding.compression().name(), encoding.parameters(), null, files);
    return ArchiveTool.sealed(archive.seal(manifest, encoding.key()));
  }

  @Override
  public void close() {
    // Each file is closed when its batch is written.
  }
}
