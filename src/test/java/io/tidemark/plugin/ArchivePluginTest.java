package io.tidemark.plugin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.archive.KeySource;
import io.tidemark.backup.BackupProgress.Listener;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.BackupResult;
import io.tidemark.backup.StorageEngine;
import io.tidemark.block.Verdict;
import io.tidemark.errors.ConfigurationException;
import io.tidemark.errors.FullBackupRequiredException;
import io.tidemark.errors.MissingRunException;
import io.tidemark.errors.PluginException;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.EngineSink;
import io.tidemark.tracker.PageCursor;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The plugin of the library over an embedded engine, as a host uses it. */
class ArchivePluginTest {
  private static final String CHAIN = "default";
  private static final Listener SILENT = progress -> {};
  private static final int KEY_LENGTH = 32;

  @TempDir private Path directory;

  private EmbeddedEngine engine;
  private BitmapEngine store;
  private final BackupPlugin plugin = new ArchivePluginProvider().create();

  @BeforeEach
  void open() throws IOException {
    engine = EmbeddedEngine.open(directory.resolve("engine"), EmbeddedOptions.defaults());
    store =
        BitmapEngine.open(directory.resolve("store"), engine.shard(), TrackerOptions.defaults());
    EngineSink.start(engine, store);
    engine.create(1, bytes("one"));
    engine.create(2, bytes("two"));
    engine.create(3, bytes("three"));
  }

  @AfterEach
  void close() throws IOException {
    plugin.shutdown();
    engine.close();
    store.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private PluginContext context(Configuration configuration, @Nullable KeySource keys) {
    return new PluginContext(
        configuration,
        "orders",
        store,
        directory.resolve("store"),
        StorageEngine.of(engine),
        directory.resolve("backups"),
        keys);
  }

  private void start() throws IOException {
    plugin.init(context(Configuration.defaults(), null));
    plugin.start();
  }

  private static String refused(Executable call) {
    PluginException failure = assertThrows(PluginException.class, call);
    assertEquals(PluginException.CODE, PluginErrors.codeOf(failure));
    return String.valueOf(failure.getMessage());
  }

  private static List<String> texts(IncrementalBlocks page) {
    List<String> texts = new ArrayList<>();
    for (IncrementalBlock block : page.blocks()) {
      ByteBuffer data = block.data();
      String content =
          data == null ? "-" : StandardCharsets.UTF_8.decode(data.duplicate()).toString();
      texts.add(
          block.blockId()
              + " "
              + block.kind()
              + " at "
              + block.walOffset()
              + " "
              + block.dataSize()
              + " "
              + content);
    }
    return texts;
  }

  @Test
  void shouldBackUpVerifyAndRestore() throws IOException {
    start();

    BackupResult full = plugin.backup(BackupRequest.full(CHAIN), SILENT);
    engine.update(2, bytes("second"));
    engine.delete(3);
    BackupResult changed = plugin.backup(BackupRequest.incremental(CHAIN), SILENT);

    String newest = changed.run().runId();
    List<String> runs = List.of(full.run().runId(), newest);
    assertEquals(new VerifyReport(runs, List.of()), plugin.verify(newest));
    Path target = directory.resolve("target");
    assertEquals(new RestoreReport(runs, 2, 9), plugin.restore(newest, target));
    try (EmbeddedEngine restored = EmbeddedEngine.open(target, EmbeddedOptions.defaults())) {
      assertArrayEquals(bytes("second"), restored.read(2));
      assertNull(restored.read(3));
    }
    assertEquals(2, plugin.statistics().runs());
    assertEquals(1, plugin.statistics().fullRuns());
    assertEquals(1, plugin.statistics().deleted());
  }

  @Test
  void shouldAnswerWhatTaosxAsks() throws IOException {
    plugin.init(context(Configuration.defaults(), null));
    engine.flush();
    long base = engine.walOffset();
    engine.update(1, bytes("first"));
    engine.delete(2);
    engine.create(4, bytes("four"));
    long end = engine.walOffset();

    IncrementalBlocks changed = plugin.incrementalBlocks(base + 1, end, 2, true);
    assertEquals(List.of("1 DIRTY at 5 5 first", "2 DELETED at 6 0 -"), texts(changed));
    assertEquals(3, changed.totalBlocks());
    assertEquals(Verdict.EXACT, changed.verdict());
    PageCursor next = Objects.requireNonNull(changed.next());
    IncrementalBlocks rest = plugin.nextBlocks(next, 2, false);
    assertEquals(List.of("4 NEW at 7 4 -"), texts(rest));
    assertNull(rest.next());
    assertEquals(9, plugin.estimateBackupSize(base + 1, end));
    assertEquals(3, plugin.dirtyBlocks(base + 1, end, 10).totalBlocks());
    assertEquals(3, plugin.incrementalBlocks(1, base, 10, false).totalBlocks());
    assertEquals(4, plugin.detectIncrementalBlocks("orders", 0, 10, false).totalBlocks());
  }

  @Test
  void shouldSayWhatAnAnswerIsWorth() throws IOException {
    plugin.init(context(Configuration.defaults(), null));
    long end = engine.walOffset();

    assertEquals(Verdict.NOT_READY, plugin.incrementalBlocks(1, end + 1, 10, false).verdict());
    store.gap(end + 1, end + 2, "of the test");
    IncrementalBlocks holed = plugin.incrementalBlocks(1, end + 2, 10, false);
    assertEquals(Verdict.FULL_REQUIRED, holed.verdict());
    assertEquals(1, holed.holes().size());
    FullBackupRequiredException failure =
        assertThrows(
            FullBackupRequiredException.class, () -> plugin.estimateBackupSize(1, end + 2));
    assertEquals(-1110, PluginErrors.codeOf(failure));
  }

  @Test
  void shouldRefuseWhatIsOutOfItsTime() throws IOException {
    assertEquals("plugin cannot do this now: operation=start, stage=made", refused(plugin::start));
    assertEquals(
        "plugin cannot do this now: operation=statistics, stage=made", refused(plugin::statistics));
    plugin.init(context(Configuration.defaults(), null));
    assertEquals(
        "plugin cannot do this now: operation=init, stage=initialised",
        refused(() -> plugin.init(context(Configuration.defaults(), null))));
    assertEquals(
        "plugin cannot do this now: operation=backup, stage=initialised",
        refused(() -> plugin.backup(BackupRequest.full(CHAIN), SILENT)));
    plugin.start();
    plugin.backup(BackupRequest.full(CHAIN), SILENT);
    plugin.stop();
    assertEquals(
        "plugin cannot do this now: operation=stop, stage=initialised", refused(plugin::stop));
    assertEquals(1, plugin.statistics().runs());
    plugin.start();
    plugin.backup(BackupRequest.incremental(CHAIN), SILENT);
    assertEquals(2, plugin.statistics().runs());
    plugin.resetStatistics();
    assertEquals(0, plugin.statistics().runs());
    plugin.shutdown();
    plugin.shutdown();
    assertEquals(
        "plugin cannot do this now: operation=verify, stage=ended",
        refused(() -> plugin.verify(null)));
  }

  @Test
  void shouldHaveTheCodesOfTheSpecification() throws IOException {
    start();

    IllegalArgumentException other =
        assertThrows(
            IllegalArgumentException.class,
            () -> plugin.detectIncrementalBlocks("power", 0, 10, false));
    MissingRunException missing =
        assertThrows(MissingRunException.class, () -> plugin.verify("nothing"));

    assertEquals("not the plugin's database: expected=orders, actual=power", other.getMessage());
    assertEquals(-1, PluginErrors.codeOf(other));
    assertEquals(MissingRunException.CODE, PluginErrors.codeOf(missing));
    assertEquals(PluginErrors.IO_FAILED, PluginErrors.codeOf(new IOException("disk")));
    assertEquals(PluginErrors.INTERNAL, PluginErrors.codeOf(new IllegalStateException("bug")));
  }

  @Test
  void shouldDoWhatItsConfigurationSays() throws IOException {
    Configuration secret =
        Configuration.of(
            Map.of(
                ConfigurationKeys.ENCRYPTION,
                Optional.of(true),
                ConfigurationKeys.COMPRESSION,
                Optional.of(false),
                ConfigurationKeys.BATCH_SIZE,
                Optional.of(2L)));

    assertEquals(
        "backups are to be encrypted and there is no key: backup.encryption=true",
        assertThrows(ConfigurationException.class, () -> plugin.init(context(secret, null)))
            .getMessage());
    plugin.init(context(secret, KeySource.keyFile(new byte[KEY_LENGTH], "key")));
    plugin.start();
    BackupResult result = plugin.backup(BackupRequest.full(CHAIN), SILENT);

    assertEquals(2, result.batches());
    Path run = directory.resolve("backups").resolve(result.run().runId());
    try (Stream<Path> files = Files.list(run)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".blocks")).toList()) {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertTrue(!text.contains("three"), file::toString);
      }
    }
    assertEquals(List.of(), plugin.verify(null).findings());
  }
}
