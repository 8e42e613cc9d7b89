package io.tidemark.tdengine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.List;

/**
 * How far a reader is behind the writer of a WAL, and how long the server will keep what was not
 * read yet.
 *
 * <p>For showing and for alarms only: nothing is read by it.
 *
 * @param unreadRecords records that the index names beyond the reader, about
 * @param seconds time until the oldest segment that was not read to its end may be deleted; 0 if it
 *     may be at the next commit, {@link #UNLIMITED} if the server keeps its WAL
 */
public record WalHeadroom(long unreadRecords, long seconds) {
  /*
   * The server deletes segments at the end of a commit, oldest first.
   *
   * By age, when its retention has passed since the segment was closed. The segment it writes to is
   * not closed: its whole retention is still to come. When a segment was closed is in meta-ver; where
   * that lags, the last writing to the file counts, which was earlier. Where retention is 0 the next
   * commit may delete everything.
   *
   * By size, when the segment and all after it are longer than a limit, however young. So what may
   * still be written until then is known, and how long that takes follows from how fast the log grew:
   * at its fastest over any stretch that ends now, where a shorter one than RATE_SPAN_MS counts as
   * that long. The segments before it do not matter: the limit deletes them first.
   */

  /** The server keeps its WAL without limit. */
  public static final long UNLIMITED = Integer.MAX_VALUE;

  private static final int INDEX_ENTRY_LENGTH = 2 * Long.BYTES;
  private static final long RATE_SPAN_MS = 60_000;
  private static final int KIB_SHIFT = 10;

  /**
   * Looks at a WAL.
   *
   * @param nextVersion the version that is due to be read
   * @param nowMs the time now, ms since the epoch
   */
  public static WalHeadroom of(VnodeDirectory vnode, long nextVersion, long nowMs)
      throws IOException, WalDecodeException {
    VnodeConfig config = vnode.config();
    List<WalSegment> segments = WalSegment.list(vnode.walDirectory());
    if (segments.isEmpty()) {
      return new WalHeadroom(0, periodSeconds(config));
    }
    WalSegment newest = segments.get(segments.size() - 1);
    long end = newest.firstVersion() + indexLength(newest) / INDEX_ENTRY_LENGTH;
    int unread = firstUnread(segments, nextVersion);
    List<WalMeta.Segment> noted = noted(vnode);
    long seconds =
        Math.min(
            secondsByAge(config, segments, unread, noted, nowMs),
            secondsBySize(config, segments, unread, noted, nowMs));
    return new WalHeadroom(Math.max(0, end - nextVersion), seconds);
  }

  /** Returns which segment is the oldest that was not read to its end. */
  private static int firstUnread(List<WalSegment> segments, long nextVersion) {
    int index = 0;
    while (index < segments.size() - 1 && segments.get(index + 1).firstVersion() <= nextVersion) {
      index++;
    }
    return index;
  }

  private static long periodSeconds(VnodeConfig config) {
    int period = config.walRetentionPeriodSeconds();
    return period < 0 ? UNLIMITED : period;
  }

  private static long secondsByAge(
      VnodeConfig config,
      List<WalSegment> segments,
      int unread,
      List<WalMeta.Segment> noted,
      long nowMs)
      throws IOException {
    long period = periodSeconds(config);
    if (period == UNLIMITED || unread == segments.size() - 1) {
      return period;
    }
    long ageSeconds = (nowMs - closedMs(segments.get(unread), noted)) / 1000;
    return Math.max(0, Math.min(period, period - ageSeconds));
  }

  private static long secondsBySize(
      VnodeConfig config,
      List<WalSegment> segments,
      int unread,
      List<WalMeta.Segment> noted,
      long nowMs)
      throws IOException {
    if (config.walRetentionKib() <= 0) {
      return UNLIMITED;
    }
    long restBytes = (config.walRetentionKib() << KIB_SHIFT) - lengthFrom(segments, unread);
    if (restBytes <= 0) {
      return 0;
    }
    double bytesPerMs = growth(segments, noted, nowMs);
    return bytesPerMs == 0 ? UNLIMITED : (long) Math.min(UNLIMITED, restBytes / bytesPerMs / 1000);
  }

  private static long lengthFrom(List<WalSegment> segments, int index) {
    return segments.stream().skip(index).mapToLong(WalSegment::lengthBytes).sum();
  }

  /** Returns how many bytes a ms the log grew at its fastest; 0 if nothing tells. */
  private static double growth(List<WalSegment> segments, List<WalMeta.Segment> noted, long nowMs)
      throws IOException {
    double fastest = 0;
    for (int i = 0; i < segments.size(); i++) {
      long beganMs =
          i == 0 ? createdMs(segments.get(0), noted) : closedMs(segments.get(i - 1), noted);
      if (beganMs > 0) {
        long spanMs = Math.max(RATE_SPAN_MS, nowMs - beganMs);
        fastest = Math.max(fastest, (double) lengthFrom(segments, i) / spanMs);
      }
    }
    return fastest;
  }

  /** Returns when a segment was begun; 0 if nothing tells. */
  private static long createdMs(WalSegment segment, List<WalMeta.Segment> noted) {
    for (WalMeta.Segment one : noted) {
      if (one.firstVersion() == segment.firstVersion() && one.createdSeconds() > 0) {
        return one.createdSeconds() * 1000;
      }
    }
    return 0;
  }

  private static long closedMs(WalSegment segment, List<WalMeta.Segment> noted) throws IOException {
    for (WalMeta.Segment one : noted) {
      if (one.firstVersion() == segment.firstVersion() && one.closedSeconds() >= 0) {
        return one.closedSeconds() * 1000;
      }
    }
    try {
      return Files.getLastModifiedTime(segment.file()).toMillis();
    } catch (NoSuchFileException e) {
      return 0; // deleted since the directory was listed
    }
  }

  private static List<WalMeta.Segment> noted(VnodeDirectory vnode) throws IOException {
    try {
      return WalMeta.read(vnode.walDirectory()).map(WalMeta::segments).orElse(List.of());
    } catch (WalDecodeException e) {
      return List.of(); // The server is writing it: the files' own times will do.
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
