package io.tidemark.tdengine.taosdump;

import io.tidemark.backup.JsonObject;
import io.tidemark.backup.ProvenJson;
import io.tidemark.errors.CorruptFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one export copies and which changes it pays for: enough for another process to go on with it
 * and to acknowledge it.
 *
 * @param writtenMs when it was planned, ms since the epoch
 * @param chain whose cursors it moves
 * @param isFull whether it copies everything, whatever changed
 * @param movesCursors whether the changes are acknowledged once they were copied
 * @param intervals the changes it copies, one for each vgroup; empty if no store is known
 * @param plan what is to be called
 */
public record ExportTask(
    long writtenMs,
    String chain,
    boolean isFull,
    boolean movesCursors,
    List<Interval> intervals,
    TaosdumpPlan plan) {

  /*
   * export.json in the export's directory, written before the first call and never again:
   *
   * {"format" : "tidemark.taosdump.export", "formatVersion" : 1, "writtenMs" : 1795787251087,
   *  "chain" : "script", "full" : false, "movesCursors" : true,
   *  "intervals" : [{"vgroup" : 2, "storeId" : "...", "cursor" : "...", "end" : "..."}], "dump" : {...},
   *  "digest" : "..."}
   *
   * Store ids, in hexadecimal digits, and journal positions are texts, for they have 64 bits.
   */

  /** The file's name in the export's directory. */
  public static final String FILE_NAME = "export.json";

  private static final String FORMAT = "tidemark.taosdump.export";
  private static final int VERSION = 1;

  /**
   * The changes of one vgroup, as an interval of its store's journal.
   *
   * @param storeId the store's identity
   * @param cursor where the chain stood when the export was planned; exclusive
   * @param end the position it stands at afterwards; inclusive
   */
  public record Interval(int vgroupId, long storeId, long cursor, long end) {}

  /** Copies the list. */
  public ExportTask {
    intervals = List.copyOf(intervals);
  }

  /** Writes it into the export's directory, which must be there; durable when it returns. */
  public void writeTo(Path directory) throws IOException {
    byte[] bytes =
        ProvenJson.write(
            FORMAT,
            VERSION,
            json -> {
              json.writeNumberField("writtenMs", writtenMs);
              json.writeStringField("chain", chain);
              json.writeBooleanField("full", isFull);
              json.writeBooleanField("movesCursors", movesCursors);
              json.writeArrayFieldStart("intervals");
              for (Interval interval : intervals) {
                json.writeStartObject();
                json.writeNumberField("vgroup", interval.vgroupId());
                json.writeStringField("storeId", Long.toHexString(interval.storeId()));
                json.writeStringField("cursor", Long.toString(interval.cursor()));
                json.writeStringField("end", Long.toString(interval.end()));
                json.writeEndObject();
              }
              json.writeEndArray();
              TaosdumpRunFormat.write(plan, json);
            });
    new DumpDirectory(directory).write(FILE_NAME, bytes);
  }

  /** Returns whether the export in a directory has copied everything. */
  public static boolean isDone(Path directory) {
    return new DumpDirectory(directory).isComplete();
  }

  /**
   * Reads that of a directory; null if there is none.
   *
   * @throws CorruptFileException if any byte of it is wrong
   * @throws io.tidemark.errors.UnsupportedFormatException if a newer program wrote it
   */
  public static @Nullable ExportTask read(Path directory) throws IOException {
    Path file = directory.resolve(FILE_NAME);
    byte[] bytes = DumpDirectory.readIfThere(file);
    if (bytes == null) {
      return null;
    }
    JsonObject json = ProvenJson.read(bytes, file.toString(), FORMAT, VERSION).json();
    List<Interval> intervals = new ArrayList<>();
    for (JsonObject interval : json.objects("intervals")) {
      intervals.add(
          new Interval(
              (int) interval.number("vgroup"),
              Long.parseUnsignedLong(interval.text("storeId"), 16),
              interval.signed("cursor"),
              interval.signed("end")));
    }
    return new ExportTask(
        json.number("writtenMs"),
        json.text("chain"),
        json.isTrue("full"),
        json.isTrue("movesCursors"),
        intervals,
        TaosdumpRunFormat.dump(json.object("dump"), file.toString()));
  }
}
