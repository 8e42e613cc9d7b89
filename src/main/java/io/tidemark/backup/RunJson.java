package io.tidemark.backup;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.tracker.ChangeBounds;
import io.tidemark.tracker.CoveredInterval;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The JSON form of what is known of a run; the same in ledgers and manifests. */
public final class RunJson {
  private RunJson() {}

  /** Writes a plan as an object. */
  public static void write(RunPlan plan, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("runId", plan.runId());
    json.writeStringField("chain", plan.chain());
    json.writeStringField("kind", plan.kind().name());
    json.writeStringField("storeId", Long.toHexString(plan.storeId()));
    json.writeStringField("shard", plan.shard());
    json.writeNumberField("createdMs", plan.createdMs());
    json.writeStringField("base", Long.toString(plan.base()));
    json.writeStringField("end", Long.toString(plan.end()));
    RunPlan.Parent parent = plan.parent();
    if (parent == null) {
      json.writeNullField("parent");
    } else {
      json.writeObjectFieldStart("parent");
      json.writeStringField("runId", parent.runId());
      json.writeStringField("digest", parent.digest());
      json.writeEndObject();
    }
    json.writeStringField("verdict", plan.verdict().name());
    json.writeNumberField("surplus", plan.surplus());
    writeHoles(plan.holes(), json);
    writePosition("completeThrough", plan.completeThrough(), json);
    json.writeArrayFieldStart("covered");
    for (CoveredInterval interval : plan.covered()) {
      json.writeStartObject();
      json.writeStringField("generation", Integer.toUnsignedString(interval.generation()));
      json.writeStringField("first", Long.toUnsignedString(interval.first()));
      json.writeStringField("last", Long.toUnsignedString(interval.last()));
      json.writeEndObject();
    }
    json.writeEndArray();
    writeBounds("changes", plan.changes(), json);
    writeBounds("allChanges", plan.allChanges(), json);
    json.writeEndObject();
  }

  /** Reads a plan. */
  public static RunPlan plan(JsonObject json) {
    JsonObject parent = json.objectOrNull("parent");
    List<CoveredInterval> covered = new ArrayList<>();
    for (JsonObject interval : json.objects("covered")) {
      covered.add(
          new CoveredInterval(
              generation(interval), interval.unsigned("first"), interval.unsigned("last")));
    }
    return new RunPlan(
        json.text("runId"),
        json.text("chain"),
        json.constant("kind", RunKind.class),
        Long.parseUnsignedLong(json.text("storeId"), 16),
        json.text("shard"),
        json.number("createdMs"),
        json.signed("base"),
        json.signed("end"),
        parent == null ? null : new RunPlan.Parent(parent.text("runId"), parent.text("digest")),
        json.constant("verdict", Verdict.class),
        json.number("surplus"),
        holes(json),
        position(json, "completeThrough"),
        covered,
        bounds(json, "changes"),
        bounds(json, "allChanges"));
  }

  /** Writes what is known at the end of a run as an object. */
  public static void write(RunEnd end, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("journalPosition", Long.toString(end.journalPosition()));
    writePosition("completeThrough", end.completeThrough(), json);
    json.writeBooleanField("quiet", end.isQuiet());
    json.writeNumberField("finishedMs", end.finishedMs());
    json.writeStringField("setSha256", end.setSha256());
    json.writeEndObject();
  }

  /** Reads what is known at the end of a run. */
  public static RunEnd end(JsonObject json) {
    return new RunEnd(
        json.signed("journalPosition"),
        position(json, "completeThrough"),
        json.isTrue("quiet"),
        json.number("finishedMs"),
        json.text("setSha256"));
  }

  /** Writes a receipt as an object. */
  static void write(BatchReceipt receipt, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("batch", receipt.number());
    json.writeStringField("lastId", Long.toUnsignedString(receipt.lastId()));
    json.writeNumberField("blocks", receipt.blocks());
    json.writeNumberField("deleted", receipt.deleted());
    json.writeArrayFieldStart("gone");
    for (long id : receipt.gone()) {
      json.writeString(Long.toUnsignedString(id));
    }
    json.writeEndArray();
    json.writeNumberField("contentBytes", receipt.contentBytes());
    json.writeNumberField("writtenBytes", receipt.writtenBytes());
    json.writeStringField("idsSha256", receipt.idsSha256());
    json.writeStringField("detail", receipt.detail());
    json.writeEndObject();
  }

  /** Reads a receipt. */
  static BatchReceipt receipt(JsonObject json) {
    List<Long> gone = new ArrayList<>();
    json.texts("gone").forEach(id -> gone.add(Long.parseUnsignedLong(id)));
    return new BatchReceipt(
        (int) json.number("batch"),
        json.unsigned("lastId"),
        json.number("blocks"),
        json.number("deleted"),
        gone,
        json.number("contentBytes"),
        json.number("writtenBytes"),
        json.text("idsSha256"),
        json.text("detail"));
  }

  private static void writeHoles(List<Hole> holes, JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("holes");
    for (Hole hole : holes) {
      json.writeStartObject();
      json.writeStringField("generation", Integer.toUnsignedString(hole.generation()));
      json.writeStringField("first", Long.toUnsignedString(hole.first()));
      json.writeStringField("last", Long.toUnsignedString(hole.last()));
      json.writeStringField("reason", hole.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static List<Hole> holes(JsonObject json) {
    List<Hole> holes = new ArrayList<>();
    for (JsonObject hole : json.objects("holes")) {
      holes.add(
          new Hole(
              generation(hole),
              hole.unsigned("first"),
              hole.unsigned("last"),
              hole.text("reason")));
    }
    return holes;
  }

  private static void writeBounds(String name, @Nullable ChangeBounds bounds, JsonGenerator json)
      throws IOException {
    if (bounds == null) {
      json.writeNullField(name);
      return;
    }
    json.writeObjectFieldStart(name);
    writePosition("first", bounds.first(), json);
    writePosition("last", bounds.last(), json);
    json.writeStringField("minTimestampNs", Long.toString(bounds.minTimestampNs()));
    json.writeStringField("maxTimestampNs", Long.toString(bounds.maxTimestampNs()));
    json.writeEndObject();
  }

  private static @Nullable ChangeBounds bounds(JsonObject json, String name) {
    JsonObject bounds = json.objectOrNull(name);
    return bounds == null
        ? null
        : new ChangeBounds(
            position(bounds.object("first")),
            position(bounds.object("last")),
            bounds.signed("minTimestampNs"),
            bounds.signed("maxTimestampNs"));
  }

  /** Writes a position as an object of two texts, or null. */
  public static void writePosition(String name, @Nullable WalPosition position, JsonGenerator json)
      throws IOException {
    if (position == null) {
      json.writeNullField(name);
      return;
    }
    json.writeObjectFieldStart(name);
    json.writeStringField("generation", Integer.toUnsignedString(position.generation()));
    json.writeStringField("walOffset", Long.toUnsignedString(position.walOffset()));
    json.writeEndObject();
  }

  private static @Nullable WalPosition position(JsonObject json, String name) {
    JsonObject position = json.objectOrNull(name);
    return position == null ? null : position(position);
  }

  private static WalPosition position(JsonObject json) {
    return new WalPosition(generation(json), json.unsigned("walOffset"));
  }

  private static int generation(JsonObject json) {
    return (int) json.unsigned("generation");
  }
}
