package io.tidemark.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.testing.ChildJvm;
import io.tidemark.testing.EntryLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

/** A killed process loses nothing that was appended. */
class JournalCrashTest {
  private static final long STORE_ID = 5;
  private static final long ROLL_LENGTH = 200_000;

  @TempDir Path root;

  /** Appends without end and reports the last position after each record. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) throws IOException {
      RecordBuffer buffer = new RecordBuffer();
      try (EventLog journal =
          JournalFixture.begin(Path.of(arguments[0]), STORE_ID, 1, 1, ROLL_LENGTH)) {
        while (true) {
          for (int i = 1 + (int) (journal.lastPosition() % 50); i > 0; i--) {
            long position = journal.lastPosition() + buffer.count() + 1;
            buffer.event(BlockEventType.UPDATE, position * 7, ~position, position - 1000);
          }
          System.out.println(journal.append(buffer));
          buffer.clear();
        }
      }
    }
  }

  @RepeatedTest(5)
  void shouldKeepEveryRecordThatWasReportedBeforeTheKill(RepetitionInfo repetition)
      throws IOException {
    long enough = repetition.getCurrentRepetition() * 20_000L;
    long reported = 0;
    try (ChildJvm writer = ChildJvm.start(Writer.class, root.toString())) {
      while (reported < enough) {
        reported = Long.parseLong(Objects.requireNonNull(writer.readLine(), "writer ended"));
      }
      writer.kill();
    }

    long last = 0;
    try (EventLogReader scanner =
        JournalFixture.scanner(root.resolve(FileEventLogs.directoryName(1)), STORE_ID)) {
      for (JournalRecord record = scanner.next(); record != null; record = scanner.next()) {
        assertEquals(last + 1, record.firstPosition());
        EntryLog log = new EntryLog();
        record.forEach(log);
        for (String line : log.lines()) {
          last++;
          assertEquals(
              last
                  + " gen=1 UPDATE id="
                  + last * 7
                  + " wal="
                  + Long.toUnsignedString(~last)
                  + " ts="
                  + (last - 1000),
              line);
        }
      }
    }
    assertTrue(last >= reported, "last " + last + ", reported " + reported);
  }
}
