package io.tidemark.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.PluginException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins that are compiled while the test runs, loaded from jars and unloaded again. */
class PluginRegistryTest {
  private static final String PROVIDER = "tiny.TinyPlugin$Provider";
  private static final String OTHER = "tiny.TinyPlugin$Other";

  @TempDir private static Path shared;
  private static TinyJar first;

  @TempDir private Path directory;

  private Path copies;
  private Path jar;
  private PluginRegistry registry;

  @BeforeAll
  static void compile() throws IOException {
    first = TinyJar.compiled(shared, "first", BackupPlugin.API_VERSION);
  }

  @BeforeEach
  void open() throws IOException {
    copies = Files.createDirectory(directory.resolve("copies"));
    jar = directory.resolve("tiny.jar");
    registry = PluginRegistry.open(copies);
  }

  @AfterEach
  void close() throws IOException {
    registry.close();
  }

  private void pack(String version, int apiVersion, String... providers) throws IOException {
    TinyJar.compiled(directory, version, apiVersion).pack(jar, providers);
  }

  private List<String> names() {
    return registry.list().stream().map(PluginInfo::name).toList();
  }

  private String refusal() {
    String message =
        String.valueOf(assertThrows(PluginException.class, () -> registry.load(jar)).getMessage());
    assertEquals(List.of(ArchivePluginProvider.NAME), names());
    return message;
  }

  private void assertNoCopies() throws IOException {
    try (Stream<Path> files = Files.list(copies)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void shouldFindThePluginOfTheLibrary() {
    assertEquals(List.of(ArchivePluginProvider.NAME), names());
    assertEquals(BackupPlugin.API_VERSION, registry.list().get(0).apiVersion());
    assertEquals(
        ArchivePluginProvider.NAME, Configuration.defaults().text(ConfigurationKeys.PLUGIN_NAME));
  }

  @Test
  void shouldLoadUseUnloadAndLoadAChangedVersion() throws IOException {
    first.pack(jar, PROVIDER);

    assertEquals("first", registry.load(jar).version());
    Files.delete(jar);
    BackupPlugin first = registry.plugin("tiny");
    assertEquals(List.of("said by version first"), first.verify(null).findings());

    registry.unload("tiny");
    assertNoCopies();
    assertEquals(
        "no plugin of this name is loaded: loaded=incremental_bitmap, name=tiny",
        assertThrows(PluginException.class, () -> registry.plugin("tiny")).getMessage());

    pack("second", BackupPlugin.API_VERSION, PROVIDER);
    registry.load(jar);
    BackupPlugin second = registry.plugin("tiny");
    assertEquals(List.of("said by version second"), second.verify(null).findings());
    assertFalse(first.getClass().isInstance(second));
  }

  @Test
  void shouldNotMindAJarThatIsOverwrittenWhileItIsLoaded() throws IOException {
    first.pack(jar, PROVIDER);
    registry.load(jar);

    Files.writeString(jar, "no jar any more");

    assertEquals(List.of("said by version first"), registry.plugin("tiny").verify(null).findings());
  }

  @Test
  void shouldUnloadAPluginThatFailsToEnd() throws IOException {
    pack("stubborn", BackupPlugin.API_VERSION, PROVIDER);
    registry.load(jar);

    IOException failure = assertThrows(IOException.class, () -> registry.unload("tiny"));

    assertEquals("will not end", failure.getMessage());
    assertEquals(List.of(ArchivePluginProvider.NAME), names());
    assertNoCopies();
  }

  @Test
  void shouldRefuseWhatIsNoJar() throws IOException {
    assertEquals("no such jar: file=" + jar, refusal());
    Files.writeString(jar, "text");
    String message = refusal();

    assertTrue(message.startsWith("not a jar: ") && message.endsWith(": file=" + jar), message);
    assertNoCopies();
  }

  @Test
  void shouldRefuseAJarWithoutItsOwnProvider() throws IOException {
    first.pack(jar);

    assertEquals(
        "no plugin in this jar: service=io.tidemark.plugin.BackupPluginProvider, providers=0,"
            + " file="
            + jar,
        refusal());
  }

  @Test
  void shouldRefuseAJarWithSeveralProviders() throws IOException {
    first.pack(jar, PROVIDER, OTHER);

    assertEquals(
        "more than one plugin in this jar: service=io.tidemark.plugin.BackupPluginProvider,"
            + " providers=2, file="
            + jar,
        refusal());
  }

  @Test
  void shouldRefuseProvidersThatAreNone() throws IOException {
    first.pack(jar, "tiny.TinyPlugin");
    String notOne = refusal();
    first.pack(jar, "tiny.Missing");
    String missing = refusal();

    assertBroken("tiny.TinyPlugin not a subtype", notOne);
    assertBroken("tiny.Missing not found", missing);
  }

  private void assertBroken(String why, String refusal) {
    assertTrue(
        refusal.startsWith("plugin cannot be made: ") && refusal.endsWith(why + ": file=" + jar),
        refusal);
  }

  @Test
  void shouldRefuseAPluginForAnotherVersionOfTheInterface() throws IOException {
    pack("newer", BackupPlugin.API_VERSION + 1, PROVIDER);

    assertEquals(
        "plugin is for another version of the interface: expected=1, actual=2, name=tiny, file="
            + jar,
        refusal());
    assertNoCopies();
  }

  @Test
  void shouldRefuseASecondPluginOfOneName() throws IOException {
    first.pack(jar, PROVIDER);
    registry.load(jar);
    pack("second", BackupPlugin.API_VERSION, PROVIDER);

    assertEquals(
        "plugin of this name is loaded: loadedVersion=first, version=second, name=tiny",
        assertThrows(PluginException.class, () -> registry.load(jar)).getMessage());
    assertEquals(List.of("said by version first"), registry.plugin("tiny").verify(null).findings());
  }
}
