package io.tidemark.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.tidemark.block.Hole;
import io.tidemark.block.WalPosition;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.FileSets;
import io.tidemark.tdengine.RowDeletion;
import io.tidemark.tdengine.TimestampPrecision;
import io.tidemark.tdengine.WalTail;
import io.tidemark.tdengine.taosdump.KnownBlocks;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeSet;
import java.io.IOException;
import java.io.Writer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a detection as JSON: incremental_blocks.json, whose fields docs/CLI.md describes. */
final class BlocksDocument {
  static final String SCHEMA = "tidemark.incremental-blocks";
  static final int SCHEMA_VERSION = 2;

  private static final JsonFactory JSON =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private BlocksDocument() {}

  /**
   * Writes the document.
   *
   * @param isIndented for people; else everything is on one line
   */
  static void write(Detection detection, Writer out, boolean isIndented) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      if (isIndented) {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
        json.setPrettyPrinter(printer);
      }
      json.writeStartObject();
      json.writeStringField("schema", SCHEMA);
      json.writeNumberField("schemaVersion", SCHEMA_VERSION);
      json.writeStringField("tool", Main.NAME);
      json.writeStringField("toolVersion", ToolVersion.text());
      json.writeStringField("created", detection.created().toString());
      writeSince(json, detection);
      json.writeStringField("verdict", detection.verdict().name());
      json.writeNumberField("blockCount", detection.blockCount());
      json.writeArrayFieldStart("vgroups");
      for (VgroupAnswer answer : detection.answers()) {
        writeVgroup(json, answer);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("failures");
      for (Detection.VgroupFailure failure : detection.failures()) {
        json.writeStartObject();
        json.writeStringField("vgroup", failure.vgroup());
        json.writeNumberField("exitCode", failure.exitCode());
        json.writeStringField("error", failure.message());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    out.write(System.lineSeparator());
  }

  private static void writeSince(JsonGenerator json, Detection detection) throws IOException {
    String form = "ever";
    String generation = null;
    String walOffset = null;
    String timestampNs = null;
    if (detection.since() instanceof Since.Offset offset) {
      form = "wal";
      walOffset = Long.toUnsignedString(offset.walOffset());
    } else if (detection.since() instanceof Since.Position position) {
      form = "wal";
      generation = Integer.toUnsignedString(position.position().generation());
      walOffset = Long.toUnsignedString(position.position().walOffset());
    } else if (detection.since() instanceof Since.Time time) {
      form = "time";
      timestampNs = Long.toString(time.timestampNs());
    } else if (detection.since() instanceof Since.Last) {
      form = "last";
    }
    json.writeObjectFieldStart("since");
    writeText(json, "asked", detection.asked());
    json.writeStringField("form", form);
    json.writeStringField("generation", generation);
    json.writeStringField("walOffset", walOffset);
    json.writeStringField("timestampNs", timestampNs);
    json.writeEndObject();
  }

  private static void writeVgroup(JsonGenerator json, VgroupAnswer answer) throws IOException {
    ChangeSet changes = answer.changes();
    json.writeStartObject();
    json.writeNumberField("vgroup", answer.vgroupId());
    json.writeStringField("database", answer.config().database());
    json.writeStringField("precision", unitOf(answer.config().precision()));
    json.writeNumberField("minutesPerFileSet", answer.config().minutesPerFileSet());
    json.writeStringField("verdict", changes.verdict().name());
    json.writeNumberField("surplus", changes.surplus());
    json.writeArrayFieldStart("holes");
    for (Hole hole : changes.holes()) {
      json.writeStartObject();
      json.writeStringField("generation", Integer.toUnsignedString(hole.generation()));
      json.writeStringField("first", Long.toUnsignedString(hole.first()));
      json.writeStringField("last", Long.toUnsignedString(hole.last()));
      json.writeStringField("reason", hole.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
    writePosition(json, "completeThrough", changes.completeThrough());
    Long since = answer.sinceJournalPosition();
    json.writeStringField("sinceJournalPosition", since == null ? null : Long.toString(since));
    json.writeStringField("journalPosition", Long.toString(changes.journalPosition()));
    writeTail(json, answer.ingest().tail());
    json.writeStringField("recovery", answer.recovery().summary());
    json.writeArrayFieldStart("blocks");
    for (BlockChange change : changes.changes()) {
      writeBlock(json, answer, change);
    }
    json.writeEndArray();
    writeDeletions(json, answer);
    writeKnown(json, answer);
    json.writeEndObject();
  }

  private static void writeDeletions(JsonGenerator json, VgroupAnswer answer) throws IOException {
    json.writeArrayFieldStart("deletions");
    for (RowDeletion deletion : answer.deletions()) {
      json.writeStartObject();
      writeText(json, "table", deletion.table());
      writeText(json, "stable", deletion.stable());
      json.writeStringField("uid", Long.toUnsignedString(deletion.uid()));
      WalPosition position = deletion.position();
      json.writeStringField("generation", Integer.toUnsignedString(position.generation()));
      json.writeStringField("walOffset", Long.toUnsignedString(position.walOffset()));
      json.writeStringField("first", Long.toString(deletion.firstTimestamp()));
      json.writeStringField("last", Long.toString(deletion.lastTimestamp()));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeKnown(JsonGenerator json, VgroupAnswer answer) throws IOException {
    KnownBlocks known = new KnownBlocks();
    IncrementalSets.addKnown(answer, known, TableNames.NONE);
    json.writeArrayFieldStart("known");
    for (var stable : known.byStable().entrySet()) {
      for (var count : stable.getValue().entrySet()) {
        json.writeStartObject();
        json.writeStringField("stable", stable.getKey());
        json.writeStringField("fileSet", Long.toString(count.getKey()));
        json.writeNumberField("count", count.getValue());
        json.writeEndObject();
      }
    }
    json.writeEndArray();
  }

  private static void writePosition(
      JsonGenerator json, String field, @Nullable WalPosition position) throws IOException {
    if (position == null) {
      json.writeNullField(field);
      return;
    }
    json.writeObjectFieldStart(field);
    json.writeStringField("generation", Integer.toUnsignedString(position.generation()));
    json.writeStringField("walOffset", Long.toUnsignedString(position.walOffset()));
    json.writeEndObject();
  }

  private static void writeTail(JsonGenerator json, @Nullable WalTail tail) throws IOException {
    if (tail == null) {
      json.writeNullField("tail");
      return;
    }
    json.writeObjectFieldStart("tail");
    json.writeStringField("segment", Long.toString(tail.segmentFirstVersion()));
    json.writeStringField("file", tail.file().toString());
    json.writeStringField("offset", Long.toString(tail.offset()));
    json.writeStringField("lengthBytes", Long.toString(tail.lengthBytes()));
    json.writeStringField("reason", tail.reason());
    json.writeEndObject();
  }

  private static void writeBlock(JsonGenerator json, VgroupAnswer answer, BlockChange change)
      throws IOException {
    BlockName name = answer.names().name(change.blockId());
    json.writeStartObject();
    json.writeStringField("id", Long.toUnsignedString(change.blockId()));
    json.writeStringField("kind", change.kind().name());
    json.writeStringField("type", typeOf(name));
    json.writeNumberField("vgroup", answer.vgroupId());
    writeText(json, "table", name == null ? "" : name.table());
    writeText(json, "stable", name == null ? "" : name.stable());
    json.writeStringField("uid", name == null ? null : Long.toUnsignedString(name.uid()));
    BlockName data = name != null && name.kind() == BlockName.Kind.DATA ? name : null;
    json.writeStringField("fileSet", data == null ? null : Long.toString(data.fileSet()));
    json.writeStringField("firstGeneration", Integer.toUnsignedString(change.first().generation()));
    json.writeStringField("firstWalOffset", Long.toUnsignedString(change.first().walOffset()));
    json.writeStringField("generation", Integer.toUnsignedString(change.last().generation()));
    json.writeStringField("lastWalOffset", Long.toUnsignedString(change.last().walOffset()));
    json.writeStringField("timestampNs", Long.toString(change.timestampNs()));
    json.writeBooleanField("onlyDeletedFrom", answer.onlyDeletedFrom().contains(change.blockId()));
    if (data == null) {
      json.writeNullField("dataRange");
    } else {
      writeRange(json, answer, data.fileSet());
    }
    json.writeEndObject();
  }

  private static void writeRange(JsonGenerator json, VgroupAnswer answer, long fileSet)
      throws IOException {
    FileSets fileSets = answer.config().fileSets();
    json.writeObjectFieldStart("dataRange");
    json.writeStringField("first", Long.toString(fileSets.firstTimestamp(fileSet)));
    json.writeStringField("last", Long.toString(fileSets.lastTimestamp(fileSet)));
    json.writeStringField("precision", unitOf(answer.config().precision()));
    json.writeEndObject();
  }

  /** Returns the name of a block's type: data, table, stable, or unknown without a name. */
  static String typeOf(@Nullable BlockName name) {
    return name == null ? "unknown" : name.kind().name().toLowerCase(Locale.ROOT);
  }

  static String unitOf(TimestampPrecision precision) {
    return switch (precision) {
      case MILLISECOND -> "ms";
      case MICROSECOND -> "us";
      case NANOSECOND -> "ns";
    };
  }

  /**
   * Returns the precision of a unit.
   *
   * @throws NumberFormatException if there is no such unit
   */
  static TimestampPrecision precisionOf(String unit) {
    for (TimestampPrecision precision : TimestampPrecision.values()) {
      if (unitOf(precision).equals(unit)) {
        return precision;
      }
    }
    throw new NumberFormatException("unknown precision: value=" + unit);
  }

  private static void writeText(JsonGenerator json, String field, String text) throws IOException {
    json.writeStringField(field, text.isEmpty() ? null : text);
  }
}
