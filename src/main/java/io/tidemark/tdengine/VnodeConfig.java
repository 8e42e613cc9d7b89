package io.tidemark.tdengine;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What vnode.json says about a vnode, as far as tracking needs it.
 *
 * @param vgroupId the vgroup
 * @param database the database's name without the account before it
 * @param databaseId the database's id; a database made again under its name has another
 * @param precision the unit of its timestamps
 * @param minutesPerFileSet the length of a file set
 * @param keepMinutes0 how long rows stay on the first storage level, in minutes
 * @param keepMinutes1 the same for the second level
 * @param keepMinutes2 the same for the last: older rows are dropped
 * @param hashFirst first hash of a table name that belongs here
 * @param hashLast last such hash
 * @param walRetentionPeriodSeconds how long the server keeps WAL; 0 only until the commit, −1
 *     without limit
 * @param walRetentionKib how much WAL the server keeps at most, KiB, however young it is; 0 or less
 *     for no such limit
 * @param walLevel 0, 1 or 2; with 0 there is no WAL to read
 * @param walEncryption 0 if the bodies in the WAL are plain
 * @param commitVersion the WAL version up to which everything is in data files
 * @param commitId number of the last commit
 * @param commitTerm its raft term
 * @param tsdbPageBytes length of a page of the data files, with its checksum; 0 if it does not say
 * @param tsdbEncryption 0 if the pages are plain
 */
public record VnodeConfig(
    int vgroupId,
    String database,
    long databaseId,
    TimestampPrecision precision,
    int minutesPerFileSet,
    int keepMinutes0,
    int keepMinutes1,
    int keepMinutes2,
    long hashFirst,
    long hashLast,
    int walRetentionPeriodSeconds,
    long walRetentionKib,
    int walLevel,
    int walEncryption,
    long commitVersion,
    long commitId,
    long commitTerm,
    int tsdbPageBytes,
    int tsdbEncryption) {
  /** The file's name in the directory of a vnode. */
  static final String FILE_NAME = "vnode.json";

  /**
   * Reads a vnode.json.
   *
   * @throws WalDecodeException if a value is missing or impossible
   */
  public static VnodeConfig read(Path file) throws IOException, WalDecodeException {
    return of(FlatJson.read(file), file);
  }

  /** Reads what a vnode.json holds; see {@link #read}. */
  static VnodeConfig parse(byte[] bytes, Path file) throws IOException, WalDecodeException {
    return of(FlatJson.parse(bytes, file), file);
  }

  private static VnodeConfig of(FlatJson json, Path file) throws WalDecodeException {
    final int precision = json.intNumber("config.precision");
    final TimestampPrecision[] precisions = TimestampPrecision.values();
    if (precision < 0 || precision >= precisions.length) {
      throw new WalDecodeException(
          "unknown precision: value=" + precision + ", name=config.precision, file=" + file);
    }
    final int minutesPerFileSet = json.intNumber("config.daysPerFile");
    if (minutesPerFileSet < 1) {
      throw new WalDecodeException(
          "impossible length of a file set: value="
              + minutesPerFileSet
              + ", name=config.daysPerFile, file="
              + file);
    }
    return new VnodeConfig(
        json.intNumber("config.vgId"),
        withoutAccount(json.text("config.dbname")),
        json.number("config.dbId"),
        precisions[precision],
        minutesPerFileSet,
        json.intNumber("config.keep0"),
        json.intNumber("config.keep1"),
        json.intNumber("config.keep2"),
        json.number("config.hashBegin"),
        json.number("config.hashEnd"),
        json.intNumber("config.wal.retentionPeriod"),
        json.has("config.wal.retentionSize") ? json.number("config.wal.retentionSize") : 0,
        json.intNumber("config.wal.level"),
        numberOrZero(json, "config.wal.encryptAlgorithm"),
        json.number("state.commit version"),
        json.number("state.commit ID"),
        json.number("state.commit term"),
        numberOrZero(json, "config.tsdbPageSize"),
        numberOrZero(json, "config.tsdb.encryptAlgorithm"));
  }

  /** Returns a number that older servers do not write. */
  private static int numberOrZero(FlatJson json, String path) throws WalDecodeException {
    return json.has(path) ? json.intNumber(path) : 0;
  }

  /** Returns the division of this database's time into file sets. */
  public FileSets fileSets() {
    return new FileSets(precision, minutesPerFileSet);
  }

  private static String withoutAccount(String databaseName) {
    final int dot = databaseName.indexOf('.');
    return databaseName.substring(dot + 1);
  }
}
