package io.tidemark.tools;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.tdengine.WalTail;
import io.tidemark.tracker.BlockChange;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Tells people, or programs by JSON lines, what a detection came to. */
final class DetectionSummary {
  private final Terminal terminal;

  DetectionSummary(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Prints the whole summary.
   *
   * @param output where the document went
   * @param isCursorMoved whether the next {@code --since last} begins behind this detection
   */
  void print(Detection detection, String output, boolean isCursorMoved) {
    for (VgroupAnswer answer : detection.answers()) {
      terminal.event("vgroup", json -> writeVgroup(json, answer));
      printVgroup(answer, isCursorMoved);
    }
    for (Detection.VgroupFailure failure : detection.failures()) {
      terminal.event(
          "failure",
          json -> {
            json.writeStringField("vgroup", failure.vgroup());
            json.writeNumberField("exitCode", failure.exitCode());
            json.writeStringField("error", failure.message());
          });
      terminal.line(terminal.bold(failure.vgroup()) + "  " + terminal.bad("FAILED"));
      terminal.paragraph("error", failure.message());
    }
    terminal.event(
        "result",
        json -> {
          json.writeStringField("verdict", detection.verdict().name());
          json.writeNumberField("blockCount", detection.blockCount());
          json.writeStringField("output", output);
          json.writeBooleanField("cursorMoved", isCursorMoved);
          json.writeNumberField("exitCode", detection.exitCode());
        });
    long blocks = detection.blockCount();
    terminal.line(
        coloured(detection.verdict())
            + ": "
            + counted(blocks, "block")
            + " changed"
            + sinceInWords(detection)
            + "; "
            + inWords(detection.verdict()));
    terminal.line("written to " + output);
  }

  private static String sinceInWords(Detection detection) {
    if (detection.since() instanceof Since.Last) {
      return " since the last detection";
    }
    return detection.asked().isEmpty() ? "" : " since " + detection.asked();
  }

  private static String inWords(Verdict verdict) {
    return switch (verdict) {
      case EXACT -> "exactly these";
      case SUPERSET -> "these and perhaps fewer";
      case NOT_READY -> "ask again later";
      case FULL_REQUIRED -> "take a full backup";
    };
  }

  private void printVgroup(VgroupAnswer answer, boolean isCursorMoved) {
    Verdict verdict = answer.changes().verdict();
    terminal.line(
        terminal.bold("vgroup " + answer.vgroupId())
            + "  database "
            + answer.config().database()
            + "  "
            + coloured(verdict)
            + (verdict == Verdict.SUPERSET ? " (surplus " + answer.changes().surplus() + ")" : ""));
    Map<String, Map<ChangeKind, Long>> counts = counts(answer);
    if (!counts.isEmpty()) {
      Table table = new Table("  ");
      table.row("blocks", "NEW", "DIRTY", "REPLACED", "DELETED");
      counts.forEach((type, byKind) -> table.row(cells(type, byKind)));
      List<String> lines = table.lines();
      terminal.line(terminal.dim(lines.get(0)));
      lines.stream().skip(1).forEach(terminal::line);
    } else {
      terminal.paragraph("blocks", "none");
    }
    for (Hole hole : answer.changes().holes()) {
      terminal.paragraph("hole", holeInWords(hole));
    }
    WalTail tail = answer.ingest().tail();
    if (tail != null) {
      terminal.paragraph("tail", tailInWords(tail));
    }
    terminal.paragraph(
        "read", counted(answer.ingest().records(), "WAL record") + " for this answer");
    WalPosition through = answer.changes().completeThrough();
    String next = through == null ? "" : "; next: --since wal:" + through;
    terminal.paragraph(
        "complete",
        (through == null ? "nothing yet" : "through " + through)
            + next
            + (isCursorMoved ? " or --since last" : ""));
    terminal.paragraph("store", answer.recovery().summary());
  }

  private static Object[] cells(String type, Map<ChangeKind, Long> byKind) {
    return new Object[] {
      type,
      byKind.getOrDefault(ChangeKind.NEW, 0L),
      byKind.getOrDefault(ChangeKind.DIRTY, 0L),
      byKind.getOrDefault(ChangeKind.REPLACED, 0L),
      byKind.getOrDefault(ChangeKind.DELETED, 0L)
    };
  }

  /** Returns how many blocks of each type are of each kind. */
  private static Map<String, Map<ChangeKind, Long>> counts(VgroupAnswer answer) {
    Map<String, Map<ChangeKind, Long>> counts = new TreeMap<>();
    for (BlockChange change : answer.changes().changes()) {
      String type = BlocksDocument.typeOf(answer.names().name(change.blockId()));
      counts
          .computeIfAbsent(type, unused -> new EnumMap<>(ChangeKind.class))
          .merge(change.kind(), 1L, Long::sum);
    }
    return counts;
  }

  private static void writeVgroup(JsonGenerator json, VgroupAnswer answer) throws IOException {
    json.writeNumberField("vgroup", answer.vgroupId());
    json.writeStringField("database", answer.config().database());
    json.writeStringField("verdict", answer.changes().verdict().name());
    json.writeNumberField("surplus", answer.changes().surplus());
    json.writeNumberField("holes", answer.changes().holes().size());
    json.writeNumberField("blockCount", answer.changes().changes().size());
    json.writeNumberField("recordsRead", answer.ingest().records());
    WalPosition through = answer.changes().completeThrough();
    json.writeStringField("completeThrough", through == null ? null : through.toString());
    json.writeStringField("journalPosition", Long.toString(answer.changes().journalPosition()));
    json.writeStringField("recovery", answer.recovery().summary());
  }

  private String coloured(Verdict verdict) {
    return verdict.isComplete() ? terminal.good(verdict.name()) : terminal.bad(verdict.name());
  }

  /** Returns a hole in words. */
  static String holeInWords(Hole hole) {
    String generation = Integer.toUnsignedString(hole.generation()) + "/";
    return "WAL "
        + generation
        + Long.toUnsignedString(hole.first())
        + " to "
        + generation
        + Long.toUnsignedString(hole.last())
        + ": "
        + hole.reason();
  }

  /** Returns a tail in words. */
  static String tailInWords(WalTail tail) {
    return tail.lengthBytes()
        + " bytes at offset "
        + tail.offset()
        + " of segment "
        + tail.segmentFirstVersion()
        + " are no record yet: "
        + tail.reason();
  }

  static String counted(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }
}
