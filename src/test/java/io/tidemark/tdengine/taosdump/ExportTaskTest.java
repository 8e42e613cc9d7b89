package io.tidemark.tdengine.taosdump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.block.ChangeKind;
import io.tidemark.errors.TidemarkException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTaskTest {
  @TempDir private Path directory;
  private ExportTask task;

  @BeforeEach
  void plan() throws Exception {
    TaosdumpPlan plan =
        new SetBuilder()
            .rows(ChangeKind.DIRTY, "d 1", "met`ers", 1, 2)
            .table(ChangeKind.DELETED, "d2", "meters")
            .deletion("d3", "meters", -5, Long.MAX_VALUE)
            .plan();
    task =
        new ExportTask(
            1_795_787_251_087L,
            "script",
            true,
            true,
            List.of(
                new ExportTask.Interval(2, -1, 0, Long.MAX_VALUE),
                new ExportTask.Interval(3, 1L << 60, 7, 8)),
            plan);
  }

  @Test
  void shouldBeWhatWasWritten() throws Exception {
    task.writeTo(directory);

    ExportTask read = Objects.requireNonNull(ExportTask.read(directory));

    assertEquals(task, read);
    assertEquals(TaosdumpScript.digest(task.plan()), TaosdumpScript.digest(read.plan()));
  }

  @Test
  void shouldBeNoneWhereNoneWasWritten() throws Exception {
    assertNull(ExportTask.read(directory));
  }

  @Test
  void shouldRefuseEveryDamagedByteAndEveryCut() throws Exception {
    task.writeTo(directory);
    Path file = directory.resolve(ExportTask.FILE_NAME);
    byte[] intact = Files.readAllBytes(file);

    for (int at = 0; at < intact.length; at++) {
      byte[] damaged = intact.clone();
      damaged[at] ^= 1;
      Files.write(file, damaged);
      assertThrows(TidemarkException.class, () -> ExportTask.read(directory), "byte " + at);
      Files.write(file, Arrays.copyOf(intact, at));
      assertThrows(TidemarkException.class, () -> ExportTask.read(directory), "length " + at);
    }
  }
}
