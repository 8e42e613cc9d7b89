package io.tidemark.tdengine.taosdump;

import static io.tidemark.block.ChangeKind.DELETED;
import static io.tidemark.block.ChangeKind.DIRTY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.backup.BackupTool;
import io.tidemark.backup.BackupToolContract;
import io.tidemark.backup.RunKind;
import io.tidemark.backup.RunPlan;
import io.tidemark.ingest.BlockReader;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.FileSets;
import io.tidemark.tdengine.TimestampPrecision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** taosdump as a backup tool: block N of the contract is a day of a normal table tN. */
class TaosdumpToolTest extends BackupToolContract {
  @TempDir private Path directory;

  private StandIn server;

  @BeforeEach
  void makeServer() throws IOException {
    server = StandIn.in(directory.resolve("server"));
    for (int id = 0; id < BLOCKS; id++) {
      if (id != GONE) {
        server.holds(id + 1L, "t" + id);
      }
    }
  }

  /** What a database without stables says of the contract's blocks. */
  private static final class Tables implements DatabaseBlocks {

    @Override
    public String database() {
      return "power";
    }

    @Override
    public FileSets fileSets() {
      return new FileSets(TimestampPrecision.MILLISECOND, 24 * 60);
    }

    @Override
    public IncrementalSet changes(RunPlan plan) {
      SetBuilder set = new SetBuilder();
      for (int id = 0; id < BLOCKS; id++) {
        boolean isDeleted = id >= FIRST_DELETED && id <= LAST_DELETED;
        set.rows(isDeleted ? DELETED : DIRTY, "t" + id, "", id);
      }
      return set.set();
    }

    @Override
    public Names names() {
      return id -> new BlockName(BlockName.Kind.DATA, id, 1, id, "t" + id, "");
    }
  }

  @Override
  protected RunKind kind() {
    return RunKind.INCREMENTAL;
  }

  @Override
  protected BackupTool tool() {
    RunOptions once = new RunOptions(server.taosdump().toString(), Connection.DEFAULTS, 0, 0);
    return new TaosdumpTool(directory.resolve("dumps"), new Tables(), PlanOptions.DEFAULTS, once);
  }

  @Override
  protected BlockReader blocks() {
    return new NoContent();
  }

  /** What taosdump reads the tool needs nobody else for. */
  private static final class NoContent implements BlockReader {

    @Override
    public boolean read(long blockId, ContentHandler handler) {
      throw new AssertionError("content was asked for: blockId=" + blockId);
    }

    @Override
    public int length(long blockId) {
      throw new AssertionError("length was asked for: blockId=" + blockId);
    }

    @Override
    public void forEachBlock(BlockHandler handler) {
      throw new AssertionError("blocks were asked for");
    }
  }

  @Override
  protected List<Long> held(String runId) throws IOException {
    List<Long> held = new ArrayList<>();
    try (Stream<Path> files = Files.walk(directory.resolve("dumps").resolve(runId))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".avro")).toList()) {
        long[] rows = new long[2];
        String[] table = new String[1];
        try (DataFileReader<GenericRecord> reader =
            new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
          for (GenericRecord row : reader) {
            rows[0]++;
            rows[1] = (Long) row.get("ts");
            table[0] = row.get("tbname").toString();
          }
        }
        long id = Long.parseLong(table[0].substring(1));
        assertEquals(id + 1, rows[0]);
        assertEquals(id * SetBuilder.DAY_MS, rows[1]);
        held.add(id);
      }
    }
    return held.stream().sorted().toList();
  }

  @Test
  void shouldEndATaosdumpThatStillWritesIntoWhatIsDiscarded() throws Exception {
    String runId = "20261127T212521Z-default-dcd769ba";
    Path run = directory.resolve("dumps").resolve(runId);
    Path part = Files.createDirectories(run.resolve("calls/000001.part"));
    Process left = new ProcessBuilder("sleep", "1000").start();
    try {
      Files.writeString(part.resolve("pid"), TaosdumpProcess.identity(left.toHandle()) + "\n");

      tool().discard(runId);

      assertTrue(left.waitFor(1, TimeUnit.MINUTES));
      assertFalse(Files.exists(run));
    } finally {
      left.destroyForcibly();
    }
  }
}
