package io.tidemark.tools;

import io.tidemark.journal.ChronicleEventLogs;
import io.tidemark.journal.EventLogReader;
import io.tidemark.journal.JournalRecord;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.tracker.StoreIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** Shows what one queue directory of a change journal holds. */
final class JournalInspection {
  private final Terminal terminal;

  JournalInspection(Terminal terminal) {
    this.terminal = terminal;
  }

  void show(Path queue) throws IOException {
    long records = 0;
    long first = 0;
    long last = 0;
    long durable = 0;
    long damaged;
    TreeSet<Long> epochs = new TreeSet<>();
    EntryCounter entries = new EntryCounter();
    try (EventLogReader scanner =
        ChronicleEventLogs.read(FileStorageIO.INSTANCE, queue, storeId(queue))) {
      for (JournalRecord record = scanner.next(); record != null; record = scanner.next()) {
        first = records == 0 ? record.firstPosition() : first;
        last = record.lastPosition();
        durable = Math.max(durable, record.durableMark());
        epochs.add(record.epoch());
        record.forEach(entries);
        records++;
      }
      damaged = scanner.damagedRecords();
    }
    show(queue, records, damaged, first, last, durable, epochs, entries);
  }

  /** A queue directory is {@code journal/<first>} of its store. */
  private static long storeId(Path queue) throws IOException {
    Path root = queue.toAbsolutePath().normalize().resolve("../..").normalize();
    if (!Files.exists(root.resolve("STORE"))) {
      throw new CommandFailedException(
          ExitCode.USAGE,
          "queue directory lies in no store: expected=<store>/journal/<first>, directory=" + queue);
    }
    return StoreIdentity.open(root).storeId();
  }

  private void show(
      Path queue,
      long records,
      long damaged,
      long first,
      long last,
      long durable,
      Set<Long> epochs,
      EntryCounter entries) {
    terminal.event(
        "journal",
        json -> {
          json.writeStringField("path", queue.toString());
          json.writeNumberField("records", records);
          json.writeNumberField("damagedRecords", damaged);
          json.writeStringField("firstPosition", Long.toString(first));
          json.writeStringField("lastPosition", Long.toString(last));
          json.writeStringField("durableMark", Long.toString(durable));
          json.writeStringField("epochs", epochs.toString());
          json.writeObjectFieldStart("entries");
          for (var count : entries.counts().entrySet()) {
            json.writeNumberField(count.getKey().name(), count.getValue());
          }
          json.writeEndObject();
        });
    terminal.line(terminal.bold("journal " + queue));
    terminal.paragraph(
        "records",
        records
            + " intact"
            + (records == 0 ? "" : ", positions " + first + " to " + last)
            + (damaged == 0 ? "" : "; " + damaged + " cut or altered"));
    terminal.paragraph(
        "durable", "through position " + durable + " when the last record was written");
    terminal.paragraph("epochs", epochs.toString());
    terminal.paragraph("entries", entries.inWords());
  }
}
