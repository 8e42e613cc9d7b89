package io.tidemark.tdengine.taosdump;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.backup.JsonObject;
import io.tidemark.backup.ProvenJson;
import io.tidemark.backup.RunEnd;
import io.tidemark.backup.RunJson;
import io.tidemark.backup.RunPlan;
import io.tidemark.errors.CorruptFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The form of the two files that a run of taosdump keeps beside its output: what it is to copy,
 * which is there before the first call, and its manifest, which comes last.
 */
final class TaosdumpRunFormat {

  /*
   * {"format" : "tidemark.taosdump.plan", ..., "dump" : {...}, "digest" : "..."}
   * {"format" : "tidemark.taosdump.run", ..., "summary" : {...}, "run" : {...}, "finish" : {...},
   *  "taosdump" : "3.3.7.5", "dump" : {...}, "schema" : {...}, "results" : [...], "digest" : "..."}
   *
   * The schema is that of ExportManifest; manifests of older programs have none. Timestamps are texts, for they have 64 bits. Results are in the order of the calls.
   */

  private static final String PLAN_FORMAT = "tidemark.taosdump.plan";
  private static final String RUN_FORMAT = "tidemark.taosdump.run";
  private static final int VERSION = 1;

  private TaosdumpRunFormat() {}

  /** Returns the bytes of a plan. */
  static byte[] plan(TaosdumpPlan dump) throws IOException {
    return ProvenJson.write(PLAN_FORMAT, VERSION, json -> write(dump, json));
  }

  /**
   * Reads a plan.
   *
   * @throws CorruptFileException if any byte of it is wrong
   */
  static TaosdumpPlan plan(byte[] bytes, String where) {
    return dump(ProvenJson.read(bytes, where, PLAN_FORMAT, VERSION).json().object("dump"), where);
  }

  /** Returns the bytes of a manifest; its digest is not looked at. */
  static byte[] run(
      RunPlan plan,
      RunEnd end,
      String taosdump,
      TaosdumpPlan dump,
      DumpSchema schema,
      List<CallResult> results)
      throws IOException {
    return ProvenJson.write(
        RUN_FORMAT,
        VERSION,
        json -> {
          writeSummary(plan, end, dump, results, json);
          json.writeFieldName("run");
          RunJson.write(plan, json);
          json.writeFieldName("finish");
          RunJson.write(end, json);
          json.writeStringField("taosdump", taosdump);
          write(dump, json);
          schema.write(json);
          json.writeArrayFieldStart("results");
          for (CallResult result : results) {
            write(result, json);
          }
          json.writeEndArray();
        });
  }

  /** Writes what somebody wants to know first; it is never read back. */
  private static void writeSummary(
      RunPlan plan, RunEnd end, TaosdumpPlan dump, List<CallResult> results, JsonGenerator json)
      throws IOException {
    json.writeObjectFieldStart("summary");
    json.writeStringField("prepared", Instant.ofEpochMilli(plan.createdMs()).toString());
    json.writeStringField("finished", Instant.ofEpochMilli(end.finishedMs()).toString());
    RunPlan.Parent parent = plan.parent();
    json.writeStringField("needs", parent == null ? "no other run" : "run " + parent.runId());
    json.writeStringField("database", dump.database());
    json.writeNumberField("calls", dump.calls().size());
    json.writeNumberField("rows", results.stream().mapToLong(CallResult::rows).sum());
    json.writeNumberField("storedBytes", results.stream().mapToLong(CallResult::lengthBytes).sum());
    json.writeEndObject();
  }

  /**
   * Reads a manifest.
   *
   * @param directory of the run
   * @throws CorruptFileException if any byte of it is wrong
   */
  static TaosdumpRun run(byte[] bytes, Path directory, String where) {
    ProvenJson.Read read = ProvenJson.read(bytes, where, RUN_FORMAT, VERSION);
    JsonObject json = read.json();
    List<CallResult> results = new ArrayList<>();
    for (JsonObject result : json.objects("results")) {
      results.add(result(result));
    }
    return new TaosdumpRun(
        directory,
        RunJson.plan(json.object("run")),
        RunJson.end(json.object("finish")),
        json.text("taosdump"),
        dump(json.object("dump"), where),
        DumpSchema.read(json),
        results,
        read.digest());
  }

  /** Writes a plan as a field of the object that is open. */
  static void write(TaosdumpPlan dump, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("dump");
    json.writeStringField("database", dump.database());
    json.writeArrayFieldStart("calls");
    for (DumpCall call : dump.calls()) {
      json.writeStartObject();
      json.writeStringField("scope", call.scope().name());
      json.writeStringField("name", call.name());
      write(call.period(), json);
      json.writeNumberField("blocks", call.blocks());
      json.writeNumberField("surplusBlocks", call.surplusBlocks());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("drops");
    for (DroppedObject drop : dump.drops()) {
      json.writeStartObject();
      json.writeBooleanField("stable", drop.isStable());
      json.writeStringField("name", drop.name());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("deletions");
    for (DeletedRows rows : dump.deletions()) {
      json.writeStartObject();
      json.writeStringField("table", rows.table());
      write(rows.period(), json);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("alteredByHand");
    for (String name : dump.alteredByHand()) {
      json.writeString(name);
    }
    json.writeEndArray();
    json.writeObjectFieldStart("costs");
    json.writeNumberField("callMs", dump.costs().callMs());
    json.writeNumberField("rowsPerSecond", dump.costs().rowsPerSecond());
    json.writeNumberField("rowsPerBlock", dump.costs().rowsPerBlock());
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void write(@Nullable Period period, JsonGenerator json) throws IOException {
    if (period != null) {
      json.writeStringField("first", Long.toString(period.first()));
      json.writeStringField("last", Long.toString(period.last()));
    }
  }

  private static @Nullable Period periodOrNull(JsonObject json) {
    return json.has("first") ? period(json) : null;
  }

  private static Period period(JsonObject json) {
    return new Period(json.signed("first"), json.signed("last"));
  }

  /**
   * Returns the plan that such a field holds.
   *
   * @throws CorruptFileException if a value is out of range
   */
  static TaosdumpPlan dump(JsonObject json, String where) {
    try {
      List<DumpCall> calls = new ArrayList<>();
      for (JsonObject call : json.objects("calls")) {
        calls.add(
            new DumpCall(
                call.constant("scope", DumpCall.Scope.class),
                call.text("name"),
                periodOrNull(call),
                call.number("blocks"),
                call.number("surplusBlocks")));
      }
      List<DroppedObject> drops = new ArrayList<>();
      for (JsonObject drop : json.objects("drops")) {
        drops.add(new DroppedObject(drop.isTrue("stable"), drop.text("name")));
      }
      List<DeletedRows> deletions = new ArrayList<>();
      for (JsonObject rows : json.objects("deletions")) {
        deletions.add(new DeletedRows(rows.text("table"), period(rows)));
      }
      JsonObject costs = json.object("costs");
      return new TaosdumpPlan(
          json.text("database"),
          calls,
          drops,
          deletions,
          json.texts("alteredByHand"),
          new CallCosts(
              costs.number("callMs"), costs.number("rowsPerSecond"), costs.number("rowsPerBlock")));
    } catch (IllegalArgumentException e) {
      throw new CorruptFileException("corrupt file: " + e.getMessage() + ", file=" + where);
    }
  }

  static void write(CallResult result, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("call", result.call());
    json.writeNumberField("rows", result.rows());
    json.writeBooleanField("gone", result.isGone());
    json.writeNumberField("lengthBytes", result.lengthBytes());
    json.writeStringField("sha256", result.sha256());
    json.writeEndObject();
  }

  static CallResult result(JsonObject json) {
    return new CallResult(
        (int) json.number("call"),
        json.number("rows"),
        json.isTrue("gone"),
        json.number("lengthBytes"),
        json.text("sha256"));
  }
}
