package io.tidemark.tdengine.taosdump;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.backup.Batch;
import io.tidemark.backup.BatchReceipt;
import io.tidemark.backup.JsonObject;
import io.tidemark.backup.RunEnd;
import io.tidemark.backup.RunPlan;
import io.tidemark.backup.RunWriter;
import io.tidemark.backup.SealedRun;
import io.tidemark.errors.BackupFailedException;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.tdengine.BlockName;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** A run that is being exported with taosdump. */
final class TaosdumpRunWriter implements RunWriter {
  private static final JsonFactory JSON = new JsonFactory();

  private final RunPlan plan;
  private final TaosdumpPlan dump;
  private final DumpDirectory directory;
  private final TaosdumpCalls calls;
  private final String version;
  private final CallIndex index;
  private final DatabaseBlocks.Names names;
  private final SortedMap<Integer, CallResult> results = new TreeMap<>();

  /** Calls whose results are in a receipt. */
  private final Set<Integer> received = new HashSet<>();

  TaosdumpRunWriter(
      RunPlan plan,
      TaosdumpPlan dump,
      DumpDirectory directory,
      TaosdumpCalls calls,
      String version,
      CallIndex index,
      DatabaseBlocks.Names names) {
    this.plan = plan;
    this.dump = dump;
    this.directory = directory;
    this.calls = calls;
    this.version = version;
    this.index = index;
    this.names = names;
  }

  /**
   * Takes in what was done before an interruption.
   *
   * @throws CorruptFileException if a call is not there that has a receipt
   */
  void take(List<BatchReceipt> receipts) throws IOException {
    for (BatchReceipt receipt : receipts) {
      byte[] detail = receipt.detail().getBytes(StandardCharsets.UTF_8);
      JsonObject json = JsonObject.parse(detail, "receipt of " + plan.runId());
      for (JsonObject result : json.objects("results")) {
        take(TaosdumpRunFormat.result(result));
      }
    }
  }

  private void take(CallResult result) throws IOException {
    Long rows = directory.rowsOf(result.call());
    if (rows == null || rows != result.rows()) {
      throw new CorruptFileException(
          "corrupt run: a call is not as it was left: expectedRows="
              + result.rows()
              + ", actual="
              + rows
              + ", directory="
              + directory.done(result.call()));
    }
    results.put(result.call(), result);
    received.add(result.call());
  }

  @Override
  public BatchReceipt write(Batch batch) throws IOException {
    List<Long> gone = new ArrayList<>();
    long copied = 0;
    long deleted = 0;
    for (int i = 0; i < batch.size(); i++) {
      if (!batch.kind(i).hasContent()) {
        deleted++;
      } else if (export(batch.blockId(i))) {
        copied++;
      } else {
        gone.add(batch.blockId(i));
      }
    }
    List<CallResult> made = new ArrayList<>(results.values());
    made.removeIf(result -> received.contains(result.call()));
    made.forEach(result -> received.add(result.call()));
    long bytes = made.stream().mapToLong(CallResult::lengthBytes).sum();
    return new BatchReceipt(
        batch.number(),
        batch.lastId(),
        copied,
        deleted,
        gone,
        bytes,
        bytes,
        batch.idsSha256(),
        detail(made));
  }

  /** Makes the calls that a block needs; returns whether the server still had it. */
  private boolean export(long blockId) throws IOException {
    BlockName name = names.name(blockId);
    List<Integer> needed = name == null ? List.of() : index.callsFor(name);
    if (needed.isEmpty() && (name == null || name.kind() == BlockName.Kind.DATA)) {
      throw new BackupFailedException(
          "no call of taosdump copies this block: run="
              + plan.runId()
              + ", name="
              + name
              + ", blockId="
              + Long.toUnsignedString(blockId));
    }
    boolean isThere = true;
    for (int call : needed) {
      CallResult result = results.get(call);
      if (result == null) {
        // Whether what is missing was dropped is looked up in the journal when all is exported.
        result = result(call, (isStable, object) -> true);
        results.put(call, result);
      }
      isThere &= !result.isGone();
    }
    return isThere;
  }

  /** Makes a call, unless it is done. */
  private CallResult result(int call, GoneObjects goneObjects) throws IOException {
    Long done = directory.rowsOf(call);
    return done == null ? calls.make(call, goneObjects) : calls.done(call, done);
  }

  private static String detail(List<CallResult> made) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeArrayFieldStart("results");
      for (CallResult result : made) {
        TaosdumpRunFormat.write(result, json);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  /** {@inheritDoc} Calls that no block asked for are made before: a full run of an empty set. */
  @Override
  public SealedRun seal(RunEnd end) throws IOException {
    for (int call = 1; call <= dump.calls().size(); call++) {
      if (!results.containsKey(call)) {
        results.put(call, result(call, GoneObjects.NONE));
      }
    }
    List<CallResult> all = List.copyOf(results.values());
    Instant finished = Instant.ofEpochMilli(end.finishedMs());
    String parent = plan.parent() == null ? "" : ", restore first " + plan.parent().runId();
    List<String> notes = List.of("Run " + plan.runId() + parent + ".");
    new TaosdumpScript(dump, new ScriptNotes("Tidemark", finished, notes))
        .writeTo(directory.root());
    DumpSchema schema = ExportManifest.writeDefinitions(directory, all);
    directory.complete(all.stream().mapToLong(CallResult::rows).sum());
    byte[] manifest = TaosdumpRunFormat.run(plan, end, version, dump, schema, all);
    directory.write(TaosdumpTool.MANIFEST, manifest);
    Path file = directory.root().resolve(TaosdumpTool.MANIFEST);
    return TaosdumpRunFormat.run(manifest, directory.root(), file.toString()).sealed();
  }

  @Override
  public void close() {
    // Each call ends before its batch does.
  }
}
