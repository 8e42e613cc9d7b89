package io.tidemark.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchiveVerifier.Level;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.Compression;
import io.tidemark.archive.Compressions;
import io.tidemark.archive.KeySource;
import io.tidemark.errors.IncompleteChainException;
import io.tidemark.errors.MissingRunException;
import io.tidemark.errors.TargetRefusedException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.errors.UnsupportedFormatException;
import io.tidemark.errors.WrongKeyException;
import io.tidemark.storage.StorageFile;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every way in which the files of an archive can be wrong. */
class ArchiveDamageTest {
  private static final int STRIDE = 97;

  /** Within the first bytes of a file, where its header is. */
  private static final int HEADER_STRIDE = Rounds.of("tidemark.damage.stride", 3, 23);

  /** Bits between two that are flipped of what a decompressor reads first. */
  private static final int BIT_STRIDE = Rounds.of("tidemark.damage.bits", 1, 5);

  /** Where it begins in a data file, and about where it ends. */
  private static final int FIRST_COMPRESSED = 72;

  private static final int LAST_COMPRESSED = FIRST_COMPRESSED + 24;
  private static final int CHEAP_KIB = 8;
  private static final KeySource KEY = KeySource.keyFile(new byte[32], "key");

  /** A full run and an incremental one, of several files each. */
  private static final class Damaged implements AutoCloseable {
    private final BackupFixture fixture;
    private final ArchivedRun full;
    private final ArchivedRun second;

    Damaged(Compression compression, @Nullable KeySource keys) throws IOException {
      fixture = new BackupFixture(new ArchiveOptions(compression, keys));
      Random random = new Random(1);
      for (long id = 0; id < 7; id++) {
        byte[] content = new byte[random.nextInt(300)];
        random.nextBytes(content);
        fixture.engine.create(id, content);
      }
      full = fixture.full();
      for (long id = 0; id < 5; id++) {
        fixture.put(id, "content of block " + id);
      }
      fixture.engine.delete(6);
      second = fixture.incremental();
    }

    List<Path> files() throws IOException {
      List<Path> files = new ArrayList<>(fixture.io.list(full.directory()));
      files.addAll(fixture.io.list(second.directory()));
      return files;
    }

    byte[] read(Path path) throws IOException {
      ByteBuffer content = fixture.io.map(path);
      byte[] bytes = new byte[content.remaining()];
      content.get(bytes);
      return bytes;
    }

    void write(Path path, byte[] bytes) throws IOException {
      try (StorageFile file = fixture.io.create(path)) {
        file.write(ByteBuffer.wrap(bytes), 0);
      }
    }

    /** Asserts that the damage is found, and that nothing is restored. */
    void assertFound(String what) throws IOException {
      ArchiveReport report =
          ArchiveReport.of(fixture.archive, null, Level.FULL, fixture.options.keys());
      assertFalse(report.isGood(), what);
      assertRefused(what);
    }

    void assertRefused(String what) {
      Path target = fixture.newTarget();
      NewEngineTarget made = new NewEngineTarget(fixture.io, target, BackupFixture.roomyOptions());
      assertThrows(
          TidemarkException.class,
          () ->
              new Restore(fixture.archive, fixture.options.keys())
                  .run(fixture.archive.run(second.runId()), made, blocks -> {}),
          what);
      assertFalse(fixture.io.exists(target), what);
      assertFalse(fixture.io.exists(target.resolveSibling(target.getFileName() + ".restoring")));
    }

    void assertWhole() throws IOException {
      assertTrue(
          ArchiveReport.of(fixture.archive, null, Level.FULL, fixture.options.keys()).isGood());
      assertEquals(fixture.content(), fixture.restored(second));
    }

    @Override
    public void close() throws IOException {
      fixture.close();
    }
  }

  private static List<Damaged> archives() throws IOException {
    return List.of(
        new Damaged(Compressions.none(), null),
        new Damaged(Compressions.lz4(), null),
        new Damaged(Compressions.zstd(3), null),
        new Damaged(Compressions.zstd(3), KEY));
  }

  @Test
  void shouldFindEveryFlippedByte() throws IOException {
    for (Damaged archive : archives()) {
      for (Path path : archive.files()) {
        byte[] whole = archive.read(path);
        for (int at = 0; at < whole.length; at += at < STRIDE ? HEADER_STRIDE : STRIDE) {
          byte[] flipped = whole.clone();
          flipped[at] ^= (byte) (1 << (at % 8));
          archive.write(path, flipped);

          archive.assertFound(path + " at " + at);
        }
        archive.write(path, whole);
      }
      archive.assertWhole();
    }
  }

  @Test
  void shouldFindEveryWrongBitOfWhatADecompressorReadsFirst() throws IOException {
    for (Damaged archive : archives().subList(1, 3)) {
      Path path = archive.files().get(0);
      byte[] whole = archive.read(path);
      int last = LAST_COMPRESSED * Byte.SIZE;
      for (int bit = FIRST_COMPRESSED * Byte.SIZE; bit < last; bit += BIT_STRIDE) {
        byte[] flipped = whole.clone();
        flipped[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
        archive.write(path, flipped);

        archive.assertFound(path + " at bit " + bit);
      }
      archive.write(path, whole);
      archive.assertWhole();
    }
  }

  @Test
  void shouldFindEveryTruncation() throws IOException {
    for (Damaged archive : archives()) {
      for (Path path : archive.files()) {
        byte[] whole = archive.read(path);
        for (int length : new int[] {0, 1, 71, 72, 73, whole.length / 2, whole.length - 1}) {
          archive.write(path, Arrays.copyOf(whole, Math.min(length, whole.length - 1)));

          archive.assertFound(path + " of " + length);
        }
        archive.write(path, Arrays.copyOf(whole, whole.length + 1));
        archive.assertFound(path + " lengthened");
        archive.write(path, whole);
      }
      archive.assertWhole();
    }
  }

  @Test
  void shouldFindSwappedReplacedAndMissingFiles() throws IOException {
    for (Damaged archive : archives()) {
      List<Path> files = archive.files();
      for (Path path : files) {
        byte[] whole = archive.read(path);
        for (Path other : files) {
          if (!other.equals(path)) {
            archive.write(path, archive.read(other));

            archive.assertFound(path + " is " + other);
          }
        }
        archive.fixture.io.delete(path);
        // A run without a manifest is unfinished; what needs it cannot be restored.
        archive.assertRefused(path + " is gone");
        archive.write(path, whole);
      }
      archive.assertWhole();
    }
  }

  @Test
  void shouldFindAManifestThatWasWrittenAnewWithoutTheKey() throws IOException {
    try (Damaged archive = new Damaged(Compressions.none(), KEY)) {
      Path manifest = archive.second.directory().resolve("manifest.json");
      String whole = new String(archive.read(manifest), StandardCharsets.UTF_8);
      String changed = whole.replaceFirst("\"quiet\" : true", "\"quiet\" : false");
      archive.write(manifest, redigested(changed));

      archive.assertFound("manifest of somebody else");
    }
  }

  /** Returns a manifest with the digest that fits its other bytes. */
  private static byte[] redigested(String text) {
    String field = "\"digest\" : \"";
    int at = text.lastIndexOf(field) + field.length();
    byte[] before = text.substring(0, at).getBytes(StandardCharsets.UTF_8);
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(before);
      String whole = text.substring(0, at) + HexFormat.of().formatHex(digest) + "\"\n}\n";
      return whole.getBytes(StandardCharsets.UTF_8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldRefuseAManifestOfANewerFormat() throws IOException {
    try (Damaged archive = new Damaged(Compressions.none(), null)) {
      Path manifest = archive.full.directory().resolve("manifest.json");
      String whole = new String(archive.read(manifest), StandardCharsets.UTF_8);
      archive.write(
          manifest, redigested(whole.replace("formatVersion\" : 1", "formatVersion\" : 2")));

      UnsupportedFormatException newer =
          assertThrows(
              UnsupportedFormatException.class,
              () -> archive.fixture.archive.run(archive.full.runId()));

      assertEquals(
          "file format is newer than this program reads: newest=1, actual=2, file=" + manifest,
          newer.getMessage());
      archive.assertRefused("newer format");
    }
  }

  @Test
  void shouldNameTheRunThatIsMissing() throws IOException {
    try (Damaged archive = new Damaged(Compressions.none(), null)) {
      archive.fixture.archive.delete(archive.full.runId());

      IncompleteChainException missing =
          assertThrows(
              IncompleteChainException.class, () -> archive.fixture.restored(archive.second));

      assertEquals(
          "run cannot be restored: one that it needs is not in the archive: run="
              + archive.second.runId()
              + ", neededBy="
              + archive.second.runId()
              + ", missing="
              + archive.full.runId(),
          missing.getMessage());
      MissingRunException unknown =
          assertThrows(MissingRunException.class, () -> archive.fixture.archive.run("no-such-run"));
      assertEquals(
          "no such run in the archive: run=no-such-run, archive=" + BackupFixture.ARCHIVE,
          unknown.getMessage());
    }
  }

  @Test
  void shouldTellWrongAndMissingSecrets() throws IOException {
    KeySource right = KeySource.passPhrase("right", CHEAP_KIB, 1);
    try (Damaged archive = new Damaged(Compressions.none(), right)) {
      Path manifest = archive.full.directory().resolve("manifest.json");

      WrongKeyException wrong =
          assertThrows(
              WrongKeyException.class,
              () ->
                  archive.fixture.restored(
                      archive.full, KeySource.passPhrase("wrong", CHEAP_KIB, 1)));
      WrongKeyException none =
          assertThrows(WrongKeyException.class, () -> archive.fixture.restored(archive.full, null));
      WrongKeyException other =
          assertThrows(WrongKeyException.class, () -> archive.fixture.restored(archive.full, KEY));

      assertEquals("wrong pass phrase: file=" + manifest, wrong.getMessage());
      assertEquals(
          "run is encrypted and no key was given: needed=PASS_PHRASE, file=" + manifest,
          none.getMessage());
      assertEquals(
          "run is encrypted by another kind of key: expected=PASS_PHRASE, given=KEY_FILE, file="
              + manifest,
          other.getMessage());
    }
  }

  @Test
  void shouldRefuseATargetThatIsFullOrNotEmpty() throws IOException {
    try (Damaged archive = new Damaged(Compressions.none(), null)) {
      Path target = archive.fixture.newTarget();
      archive.fixture.io.createDurably(target);
      archive.write(target.resolve("file"), new byte[1]);

      TargetRefusedException occupied =
          assertThrows(TargetRefusedException.class, () -> restore(archive, target));
      archive.fixture.io.capacity(archive.fixture.io.used() + 1000);
      TargetRefusedException full =
          assertThrows(
              TargetRefusedException.class, () -> restore(archive, archive.fixture.newTarget()));

      assertEquals(
          "target is neither new nor an empty directory: target=" + target, occupied.getMessage());
      assertTrue(
          String.valueOf(full.getMessage()).startsWith("target has not enough space: neededBytes="),
          full.getMessage());
      assertEquals(List.of(target.resolve("file")), archive.fixture.io.list(target));
    }
  }

  private static void restore(Damaged archive, Path target) throws IOException {
    try (NewEngineTarget made =
        new NewEngineTarget(archive.fixture.io, target, BackupFixture.roomyOptions())) {
      new Restore(archive.fixture.archive, null).run(archive.second, made, blocks -> {});
    }
  }
}
