package io.tidemark.archive;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Verifies runs of an archive; changes nothing. */
public final class ArchiveVerifier {

  /** How much is looked at. */
  public enum Level {
    /** The manifest, and that its files are there and as long as it says. */
    QUICK,
    /** Every byte: checksums, decryption, decompression, and that the blocks are those it names. */
    FULL
  }

  /**
   * What is wrong with a run.
   *
   * @param file where
   * @param message one line
   */
  public record Finding(String runId, Path file, String message) {}

  private final Archive archive;
  private final @Nullable KeySource keys;

  /**
   * Takes an archive.
   *
   * @param keys for encrypted runs; null if there are none
   */
  public ArchiveVerifier(Archive archive, @Nullable KeySource keys) {
    this.archive = archive;
    this.keys = keys;
  }

  /**
   * Verifies one run by itself.
   *
   * @return what is wrong; nothing if it is as it was written
   * @throws io.tidemark.errors.WrongKeyException if it is encrypted and there is no key for it
   * @throws IOException if it could not be read
   */
  public List<Finding> verify(ArchivedRun run, Level level) throws IOException {
    List<Finding> findings = new ArrayList<>();
    verifyFiles(run, findings);
    verifySet(run, findings);
    if (level == Level.FULL) {
      verifyContent(run, findings);
    }
    return findings;
  }

  private void verifyFiles(ArchivedRun run, List<Finding> findings) throws IOException {
    StorageIO io = archive.io();
    Set<String> named = new HashSet<>();
    named.add(Archive.MANIFEST);
    for (ManifestFile file : run.manifest().files()) {
      named.add(file.name());
      Path path = run.directory().resolve(file.name());
      if (!io.exists(path)) {
        findings.add(new Finding(run.runId(), path, "file is missing"));
      } else if (io.length(path) != file.lengthBytes()) {
        findings.add(
            new Finding(
                run.runId(),
                path,
                "wrong length: expected=" + file.lengthBytes() + ", actual=" + io.length(path)));
      }
    }
    for (Path path : io.list(run.directory())) {
      if (!named.contains(path.getFileName().toString())) {
        findings.add(new Finding(run.runId(), path, "file is not named by the manifest"));
      }
    }
  }

  private static void verifySet(ArchivedRun run, List<Finding> findings) {
    MessageDigest set = Sha256.digest();
    for (ManifestFile file : run.manifest().files()) {
      set.update(file.idsSha256().getBytes(StandardCharsets.US_ASCII));
    }
    if (!HexFormat.of().formatHex(set.digest()).equals(run.manifest().end().setSha256())) {
      findings.add(
          new Finding(
              run.runId(),
              run.directory().resolve(Archive.MANIFEST),
              "files do not add up to the set of blocks that was to be copied"));
    }
  }

  /** Reads every file to its end, whatever is wrong with the others. */
  private void verifyContent(ArchivedRun run, List<Finding> findings) throws IOException {
    ArchiveKey key;
    try {
      key = archive.key(run, keys);
    } catch (CorruptFileException e) {
      findings.add(finding(run, Archive.MANIFEST, e));
      return;
    }
    for (ManifestFile file : run.manifest().files()) {
      Path path = run.directory().resolve(file.name());
      try (DataFileReader reader =
          DataFileReader.open(archive.io(), path, file, run.runId(), key)) {
        while (reader.next()) {
          // What is wrong is thrown.
        }
      } catch (TidemarkException e) {
        findings.add(finding(run, file.name(), e));
      }
    }
  }

  private static Finding finding(ArchivedRun run, String name, TidemarkException e) {
    return new Finding(run.runId(), run.directory().resolve(name), String.valueOf(e.getMessage()));
  }
}
