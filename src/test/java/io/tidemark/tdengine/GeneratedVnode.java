package io.tidemark.tdengine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A vnode directory whose WAL a test writes as the server does. */
public final class GeneratedVnode implements AutoCloseable {
  private static final String STABLE = "meters";
  private static final long SUID = 7;
  private static final long DAY_MS = 86_400_000;

  private final VnodeDirectory directory;
  private final WalWriter wal;

  private GeneratedVnode(VnodeDirectory directory, WalWriter wal) {
    this.directory = directory;
    this.wal = wal;
  }

  /**
   * Creates {@code vnode<id>} in a directory, with the WAL of a vgroup that was just begun.
   *
   * @param retentionSeconds how long the server keeps what it wrote
   */
  public static GeneratedVnode create(
      Path parent, int vgroupId, String database, int retentionSeconds) throws IOException {
    return create(parent, vgroupId, database, retentionSeconds, 0);
  }

  /**
   * Creates {@code vnode<id>} in a directory, of whose WAL the server keeps so much at most.
   *
   * @param retentionKib 0 for no such limit
   */
  public static GeneratedVnode create(
      Path parent, int vgroupId, String database, int retentionSeconds, long retentionKib)
      throws IOException {
    Path vnode = Files.createDirectories(parent.resolve("vnode" + vgroupId));
    WalWriter wal = WalWriter.create(vnode.resolve("wal"), vgroupId, 0);
    Path temporary = vnode.resolve("vnode_tmp.json");
    Files.writeString(temporary, config(vgroupId, database, retentionSeconds, retentionKib));
    Files.move(temporary, vnode.resolve(VnodeConfig.FILE_NAME));
    GeneratedVnode generated = new GeneratedVnode(new VnodeDirectory(vnode), wal);
    wal.noop();
    wal.createStable(WalContent.Stable.of(STABLE, SUID));
    return generated;
  }

  private static String config(
      int vgroupId, String database, int retentionSeconds, long retentionKib) {
    return """
    {"config":{"vgId":%d,"dbname":"1.%s","dbId":%d,"precision":0,"daysPerFile":1440,
    "keep0":5256000,"keep1":5256000,"keep2":5256000,"hashBegin":0,"hashEnd":4294967295,
    "wal.retentionPeriod":%d,"wal.retentionSize":%d,"wal.level":1},
    "state":{"commit version":"-1","commit ID":"0","commit term":"0"}}
    """
        .formatted(vgroupId, database, 1000 + vgroupId, retentionSeconds, retentionKib);
  }

  /** Returns the directory. */
  public VnodeDirectory directory() {
    return directory;
  }

  /** Returns what writes the WAL, for what has no method here. */
  public WalWriter wal() {
    return wal;
  }

  /** Writes one row of a table, creates the table if need be, and returns the version. */
  public long insert(int table, int day) throws IOException {
    WalContent.Table created = WalContent.Table.child("d" + table, 1_000 + table, STABLE, SUID);
    return wal.submit(WalContent.Block.creating(created, day * DAY_MS));
  }

  @Override
  public void close() throws IOException {
    wal.close();
  }
}
