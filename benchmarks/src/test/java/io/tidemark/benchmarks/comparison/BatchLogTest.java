package io.tidemark.benchmarks.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchLogTest {
  @TempDir private Path directory;

  private Path file;

  @BeforeEach
  void writeThreeBatches() throws IOException {
    file = directory.resolve("journal");
    try (BatchLog log = new BatchLog(file, batch -> {})) {
      log.append(batch(1));
      log.append(batch(2));
      log.append(batch(3));
    }
  }

  @Test
  void shouldReplayWhatWasAppended() throws IOException {
    assertEquals(List.of(1L, 2L, 3L), replayed());
  }

  @Test
  void shouldDropRecordThatIsTornAndAppendInItsPlace() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    int record = whole.length / 3;
    for (int cut = 1; cut <= record; cut++) {
      Files.write(file, Arrays.copyOf(whole, whole.length - cut));

      try (BatchLog log = new BatchLog(file, batch -> {})) {
        log.append(batch(4));
      }

      assertEquals(List.of(1L, 2L, 4L), replayed());
    }
  }

  @Test
  void shouldEndBeforeRecordThatIsDamaged() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int position = whole.length / 3; position < whole.length * 2 / 3; position++) {
      byte[] damaged = whole.clone();
      damaged[position] ^= 0x10;
      Files.write(file, damaged);

      assertEquals(List.of(1L), replayed());
    }
  }

  @Test
  void shouldForgetWhatWasCleared() throws IOException {
    try (BatchLog log = new BatchLog(file, batch -> {})) {
      log.clear();
      log.append(batch(5));
    }

    assertEquals(List.of(5L), replayed());
  }

  private List<Long> replayed() throws IOException {
    List<Long> ids = new ArrayList<>();
    new BatchLog(file, batch -> ids.add(batch.blockId(0))).close();
    return ids;
  }

  private static EventBatch batch(long blockId) {
    EventBatch batch = new EventBatch();
    batch.add(blockId, 10 * blockId, 100 * blockId, false);
    return batch;
  }
}
