package io.tidemark.tools;

import io.tidemark.tdengine.MessageType;
import io.tidemark.tdengine.VnodeConfig;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.WalIndexCheck;
import io.tidemark.tdengine.WalMeta;
import io.tidemark.tdengine.WalReader;
import io.tidemark.tdengine.WalRecord;
import io.tidemark.tdengine.WalSegment;
import io.tidemark.tdengine.WalTail;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Shows what the WAL of a vnode holds, read as it lies. */
final class WalInspection {
  private final Terminal terminal;

  /** What one segment holds. */
  private static final class Contents {
    private long records;
    private long first = -1;
    private long last = -1;
    private long lowestTerm;
    private long highestTerm;

    void add(WalRecord record) {
      if (records == 0) {
        first = record.version();
        lowestTerm = record.term();
      }
      last = record.version();
      highestTerm = record.term();
      records++;
    }
  }

  WalInspection(Terminal terminal) {
    this.terminal = terminal;
  }

  void show(VnodeDirectory vnode) throws IOException, WalDecodeException {
    VnodeConfig config = vnode.config();
    terminal.event(
        "vnode",
        json -> {
          json.writeStringField("path", vnode.path().toString());
          json.writeNumberField("vgroup", config.vgroupId());
          json.writeStringField("database", config.database());
          json.writeStringField("precision", BlocksDocument.unitOf(config.precision()));
          json.writeNumberField("minutesPerFileSet", config.minutesPerFileSet());
          json.writeStringField("commitVersion", Long.toString(config.commitVersion()));
          json.writeNumberField("walLevel", config.walLevel());
          json.writeNumberField("walRetentionSeconds", config.walRetentionPeriodSeconds());
        });
    terminal.line(terminal.bold("vnode " + vnode.path()));
    terminal.paragraph("vgroup", config.vgroupId() + " of database " + config.database());
    terminal.paragraph(
        "time",
        "precision "
            + BlocksDocument.unitOf(config.precision())
            + ", a file set is "
            + config.minutesPerFileSet()
            + " minutes");
    terminal.paragraph("committed", "through version " + config.commitVersion());
    terminal.paragraph(
        "WAL",
        "level "
            + config.walLevel()
            + ", kept for "
            + config.walRetentionPeriodSeconds()
            + " s after it was closed");
    show(vnode.walDirectory());
  }

  void show(Path wal) throws IOException, WalDecodeException {
    Map<Long, Contents> contents = new TreeMap<>();
    Map<String, Long> types = new TreeMap<>();
    List<String> damage = new ArrayList<>();
    WalTail tail;
    List<WalSegment> segments;
    try (WalReader reader = WalReader.open(wal)) {
      for (WalReader.Step step = reader.next(); step != WalReader.Step.END; step = reader.next()) {
        Contents segment =
            contents.computeIfAbsent(reader.segmentFirstVersion(), unused -> new Contents());
        if (step == WalReader.Step.RECORD) {
          segment.add(reader.record());
          types.merge(MessageType.nameOf(reader.record().messageType()), 1L, Long::sum);
        } else if (step == WalReader.Step.DAMAGED) {
          damage.add(
              reader.damagedLength()
                  + " bytes at offset "
                  + reader.damagedOffset()
                  + " of segment "
                  + reader.segmentFirstVersion()
                  + ": "
                  + reader.damageReason());
        }
      }
      tail = reader.tail();
      segments = reader.segments();
    }
    if (segments.isEmpty()) {
      throw new CommandFailedException(
          ExitCode.FAILED, "WAL directory holds no segment: directory=" + wal);
    }
    terminal.line(terminal.bold("WAL " + wal));
    showSegments(segments, contents);
    types.forEach(
        (type, count) ->
            terminal.event(
                "messages",
                json -> {
                  json.writeStringField("type", type);
                  json.writeNumberField("records", count);
                }));
    terminal.paragraph("messages", inWords(types));
    for (String region : damage) {
      terminal.event("damage", json -> json.writeStringField("message", region));
      terminal.paragraph("DAMAGE", region);
    }
    if (tail != null) {
      String text = DetectionSummary.tailInWords(tail);
      terminal.event("tail", json -> json.writeStringField("message", text));
      terminal.paragraph("tail", text);
    }
    long last = contents.values().stream().mapToLong(found -> found.last).max().orElse(-1);
    showMeta(wal, last);
  }

  private void showSegments(List<WalSegment> segments, Map<Long, Contents> contents)
      throws IOException {
    Table table = new Table("  ");
    table.row("segment", "records", "first", "last", "terms", "bytes", "index");
    for (WalSegment segment : segments) {
      Contents found = contents.getOrDefault(segment.firstVersion(), new Contents());
      String index = inWords(WalIndexCheck.check(segment));
      boolean hasRecord = found.records > 0;
      terminal.event(
          "walSegment",
          json -> {
            json.writeStringField("file", segment.file().toString());
            json.writeNumberField("records", found.records);
            json.writeStringField("first", hasRecord ? Long.toString(found.first) : null);
            json.writeStringField("last", hasRecord ? Long.toString(found.last) : null);
            json.writeNumberField("lengthBytes", segment.lengthBytes());
            json.writeStringField("index", index);
          });
      table.row(
          segment.firstVersion(),
          found.records,
          hasRecord ? found.first : "-",
          hasRecord ? found.last : "-",
          hasRecord ? terms(found) : "-",
          segment.lengthBytes(),
          index);
    }
    table.lines().forEach(terminal::line);
  }

  private static String terms(Contents found) {
    String lowest = Long.toUnsignedString(found.lowestTerm);
    return found.lowestTerm == found.highestTerm
        ? lowest
        : lowest + ".." + Long.toUnsignedString(found.highestTerm);
  }

  private static String inWords(WalIndexCheck index) {
    if (!index.isPresent()) {
      return "missing";
    }
    if (index.wrongCount() == 0 && index.aheadCount() == 0 && index.trailingBytes() == 0) {
      return "right";
    }
    return index.wrongCount()
        + " wrong, "
        + index.aheadCount()
        + " ahead, "
        + index.trailingBytes()
        + " bytes too many";
  }

  private static String inWords(Map<String, Long> types) {
    List<String> counts = new ArrayList<>();
    types.forEach((type, count) -> counts.add(count.toString() + Paragraph.NO_BREAK + type));
    return counts.isEmpty() ? "none" : String.join(", ", counts);
  }

  private void showMeta(Path wal, long last) throws IOException, WalDecodeException {
    Optional<WalMeta> found = WalMeta.read(wal);
    if (found.isEmpty()) {
      terminal.paragraph("summary", "the server's meta-ver file is missing");
      return;
    }
    WalMeta meta = found.get();
    long lag = last - meta.lastVersion();
    terminal.event(
        "walMeta",
        json -> {
          json.writeStringField("file", meta.file().toString());
          json.writeStringField("first", Long.toString(meta.firstVersion()));
          json.writeStringField("snapshot", Long.toString(meta.snapshotVersion()));
          json.writeStringField("commit", Long.toString(meta.commitVersion()));
          json.writeStringField("last", Long.toString(meta.lastVersion()));
          json.writeNumberField("lag", lag);
        });
    terminal.paragraph(
        "summary",
        meta.file().getFileName()
            + " says "
            + meta.firstVersion()
            + " to "
            + meta.lastVersion()
            + ", in data files through "
            + meta.snapshotVersion()
            + (lag == 0 ? "; up to date" : "; the log ends at " + last + ", which is normal")
            + (lag == 0 ? "" : " while the server runs"));
  }
}
