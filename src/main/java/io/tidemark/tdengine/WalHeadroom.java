package io.tidemark.tdengine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * How far a reader is behind the writer of a WAL, and how long the server will keep what was not
 * read yet.
 *
 * <p>For showing and for alarms only: nothing is read by it.
 *
 * @param unreadRecords records that the index names beyond the reader, about
 * @param seconds time until the oldest segment that was not read to its end may be deleted; 0 if it
 *     may be now, {@link #UNLIMITED} if the server keeps its WAL
 */
public record WalHeadroom(long unreadRecords, long seconds) {
  /*
   * The server deletes a segment when its retention has passed since the segment was closed, at the
   * end of a commit. The segment it writes to is not closed: its whole retention is still to come.
   * When a segment was closed is in meta-ver; where that lags, the last writing to the file counts,
   * which was earlier. Where retention is 0 the next commit may delete everything.
   */

  /** The server keeps its WAL without limit. */
  public static final long UNLIMITED = Integer.MAX_VALUE;

  private static final int INDEX_ENTRY_LENGTH = 2 * Long.BYTES;

  /**
   * Looks at a WAL.
   *
   * @param nextVersion the version that is due to be read
   * @param nowMs the time now, ms since the epoch
   */
  public static WalHeadroom of(VnodeDirectory vnode, long nextVersion, long nowMs)
      throws IOException, WalDecodeException {
    Path wal = vnode.walDirectory();
    List<WalSegment> segments = WalSegment.list(wal);
    if (segments.isEmpty()) {
      return new WalHeadroom(0, retentionSeconds(vnode));
    }
    WalSegment newest = segments.get(segments.size() - 1);
    long end = newest.firstVersion() + indexLength(newest) / INDEX_ENTRY_LENGTH;
    return new WalHeadroom(
        Math.max(0, end - nextVersion), seconds(vnode, segments, nextVersion, nowMs));
  }

  private static long retentionSeconds(VnodeDirectory vnode)
      throws IOException, WalDecodeException {
    int retention = vnode.config().walRetentionPeriodSeconds();
    return retention < 0 ? UNLIMITED : retention;
  }

  private static long seconds(
      VnodeDirectory vnode, List<WalSegment> segments, long nextVersion, long nowMs)
      throws IOException, WalDecodeException {
    long retention = retentionSeconds(vnode);
    if (retention == UNLIMITED) {
      return UNLIMITED;
    }
    for (int i = 0; i < segments.size() - 1; i++) {
      if (segments.get(i + 1).firstVersion() > nextVersion) {
        long closedMs = closedMs(vnode, segments.get(i));
        return Math.max(0, Math.min(retention, retention - (nowMs - closedMs) / 1000));
      }
    }
    return retention;
  }

  private static long closedMs(VnodeDirectory vnode, WalSegment segment) throws IOException {
    try {
      for (WalMeta.Segment noted :
          WalMeta.read(vnode.walDirectory()).map(WalMeta::segments).orElse(List.of())) {
        if (noted.firstVersion() == segment.firstVersion() && noted.closedSeconds() >= 0) {
          return noted.closedSeconds() * 1000;
        }
      }
    } catch (WalDecodeException e) {
      // The server is writing it: the file's own time will do.
    }
    try {
      return Files.getLastModifiedTime(segment.file()).toMillis();
    } catch (NoSuchFileException e) {
      return 0; // deleted since the directory was listed
    }
  }

  private static long indexLength(WalSegment segment) throws IOException {
    try {
      return Files.size(segment.indexFile());
    } catch (NoSuchFileException e) {
      return 0;
    }
  }
}
