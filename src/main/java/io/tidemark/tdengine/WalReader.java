package io.tidemark.tdengine;

import io.tidemark.tdengine.WalRecordCheck.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the WAL directory of a vnode in file order: segment by segment, record by record.
 *
 * <p>It verifies every checksum and names every byte that is no record. It does not judge versions:
 * continuity, repetition and generations are its caller's business. Memory is one buffer of 1 MiB,
 * more only for a longer record. Single thread; an interrupt closes the file under it.
 */
public final class WalReader implements AutoCloseable {
  /*
   * Reading beside the writer. The server appends to the newest segment, creates the next one when
   * a commit or the size asks for it, and deletes the oldest ones. A record appears in pieces.
   * So unreadable bytes at the end of the newest segment are a tail, looked at again at every call,
   * and become damage when a record follows them or the server has gone on to another segment. The
   * older segment is read once more to its end after its successor was seen, because only then
   * nothing is appended to it any more.
   *
   * Rollback. The server can also cut a segment back and write other records. The window notices
   * (see WalWindow), at the latest before the end is announced; the reader then begins that segment
   * again from its first record, or the newest older one if it was deleted. A SEGMENT step that does
   * not lead forward tells the caller to compare what it knew. Whether segments that were left are
   * still what they were the caller must see itself.
   *
   * Trust. Neither the .idx files nor meta-ver are read: both can be stale or wrong.
   */

  /** What a call of {@link #next()} came to. */
  public enum Step {
    /** The reader has moved to the segment {@link #segmentFirstVersion()}, perhaps an empty one. */
    SEGMENT,
    /** An intact record: {@link #record()}. */
    RECORD,
    /** A region without an intact record was passed: {@link #damagedOffset()}. */
    DAMAGED,
    /** Nothing more at present; {@link #tail()} tells of bytes that are no record yet. */
    END
  }

  /** Returned by {@link #firstSegmentVersion()} and {@link #segmentFirstVersion()} for "none". */
  public static final long NO_SEGMENT = -1;

  private static final int LIST_ATTEMPTS_MAX = 16;

  private final Path directory;
  private final WalWindow window = new WalWindow();
  private final WalRecordCheck check = new WalRecordCheck(window);
  private final WalRecord record = new WalRecord();

  // Where to begin, as long as segment is NO_SEGMENT.
  private long wantedVersion;
  private long wantedOffset;
  private boolean isExactSegmentWanted;

  private long segment = NO_SEGMENT;
  private long offset;
  private long resyncFrom;
  private long resyncedSize;
  private boolean isComplete;
  private boolean isAtEnd;

  private long damagedOffset;
  private long damagedLength;
  private long damagedVersion;
  private String damageReason = "";
  private @Nullable WalTail tail;

  private WalReader(Path directory) {
    this.directory = directory;
  }

  /**
   * Opens a WAL directory; the first step is the first record of its first segment.
   *
   * @throws IOException if the directory cannot be listed
   */
  public static WalReader open(Path walDirectory) throws IOException {
    WalSegment.list(walDirectory);
    return new WalReader(walDirectory);
  }

  /**
   * Makes the next step begin at an offset of a segment, as given by a record read earlier.
   *
   * <p>If the segment was recycled, reading begins with the next one; if it is shorter than the
   * offset or is no longer there and nothing newer is, with the first record of the newest segment
   * that is there: the server went back. The {@link Step#SEGMENT} step shows which.
   */
  public void seek(long segmentFirstVersion, long fileOffset) throws IOException {
    if (segmentFirstVersion < 0 || fileOffset < 0) {
      throw new IllegalArgumentException(
          "negative position: fileOffset=" + fileOffset + ", segment=" + segmentFirstVersion);
    }
    want(segmentFirstVersion, fileOffset, true);
  }

  /**
   * Makes the next step begin with the segment that would hold a version: the one with the greatest
   * first version not above it, else the first segment.
   */
  public void seekToSegmentOf(long version) throws IOException {
    want(version, 0, false);
  }

  private void want(long version, long fileOffset, boolean isExact) throws IOException {
    window.close();
    segment = NO_SEGMENT;
    wantedVersion = version;
    wantedOffset = fileOffset;
    isExactSegmentWanted = isExact;
    tail = null;
  }

  /** Returns the first version of the oldest segment there is now, or {@link #NO_SEGMENT}. */
  public long firstSegmentVersion() throws IOException {
    final List<WalSegment> segments = segments();
    return segments.isEmpty() ? NO_SEGMENT : segments.get(0).firstVersion();
  }

  /** Lists the segments there are now, oldest first. */
  public List<WalSegment> segments() throws IOException {
    return WalSegment.list(directory);
  }

  /** Takes the next step. After {@link Step#END} it may be called again at any time. */
  public Step next() throws IOException {
    tail = null;
    if (segment == NO_SEGMENT) {
      return openWanted();
    }
    if (isAtEnd) {
      isAtEnd = false;
      check.resetBudget();
      window.drop();
    }
    while (true) {
      final Finding finding = look();
      if (window.isRewritten()) {
        return restart(segment);
      }
      if (finding == Finding.RECORD) {
        return recordHere();
      }
      final String reason = finding == Finding.NOTHING ? "" : check.reason(finding);
      if (finding != Finding.NOTHING && resync(finding)) {
        return completedOrDamaged(reason);
      }
      if (!isComplete) {
        final Step step = lookForSuccessor(finding, reason);
        if (step != null) {
          return step;
        }
        continue;
      }
      return finding == Finding.NOTHING ? moveOn() : damagedUpTo(window.size(), reason);
    }
  }

  /**
   * Decides about unreadable bytes when a record was found behind them: the server may have
   * completed them, and then written that record, since they were looked at.
   */
  private Step completedOrDamaged(String reason) throws IOException {
    final long found = resyncFrom;
    final Finding finding = look();
    if (window.isRewritten()) {
      return restart(segment);
    }
    return finding == Finding.RECORD ? recordHere() : damagedUpTo(found, reason);
  }

  /** Looks at the current offset, twice if need be: the window may hold bytes from before. */
  private Finding look() throws IOException {
    final Finding finding = check.at(offset);
    if (finding == Finding.RECORD) {
      return finding;
    }
    window.drop();
    return check.at(offset);
  }

  private Step recordHere() {
    final int header = window.index(offset);
    record.wrap(window.buffer(), header, segment, offset);
    window.guard(offset + WalRecordDescriptor.HEADER_CRC_OFFSET);
    moveTo(offset + record.lengthBytes());
    return Step.RECORD;
  }

  private void moveTo(long newOffset) {
    offset = newOffset;
    resyncFrom = newOffset + 1;
    resyncedSize = 0;
  }

  /** Looks for an intact record behind the current offset; resyncFrom is where it lies. */
  private boolean resync(Finding finding) throws IOException {
    final long size = window.size();
    if (size == resyncedSize) {
      return false;
    }
    final long found = check.findNext(offset, finding, resyncFrom);
    if (found == WalRecordCheck.NOT_FOUND) {
      resyncFrom = Math.max(resyncFrom, check.undecidedOffset());
      resyncedSize = size;
      return false;
    }
    resyncFrom = found;
    return true;
  }

  private Step damagedUpTo(long endOffset, String reason) throws IOException {
    damagedVersion = check.versionAt(offset);
    damagedOffset = offset;
    damagedLength = endOffset - offset;
    damageReason = reason;
    moveTo(endOffset);
    return Step.DAMAGED;
  }

  /** Returns null if there is a successor: then the segment has to be read to its end once more. */
  private @Nullable Step lookForSuccessor(Finding finding, String reason) throws IOException {
    long below = NO_SEGMENT;
    boolean isListed = false;
    boolean hasSuccessor = false;
    for (final WalSegment listed : segments()) {
      below = listed.firstVersion() < segment ? listed.firstVersion() : below;
      isListed |= listed.firstVersion() == segment;
      hasSuccessor |= listed.firstVersion() > segment;
    }
    if (!isListed && below != NO_SEGMENT) {
      return restart(below); // not recycled, or the older ones were too
    }
    if (hasSuccessor) {
      isComplete = true;
      window.drop();
      return null;
    }
    window.checkRewritten(offset);
    if (window.isRewritten()) {
      return restart(segment);
    }
    isAtEnd = true;
    if (finding != Finding.NOTHING) {
      final long size = window.size();
      tail = new WalTail(segment, window.file(), offset, Math.max(0, size - offset), reason);
    }
    return Step.END;
  }

  private Step moveOn() throws IOException {
    want(segment + 1, 0, true);
    return openWanted();
  }

  private Step restart(long firstVersion) throws IOException {
    want(firstVersion, 0, true);
    return openWanted();
  }

  private Step openWanted() throws IOException {
    for (int attempt = 0; attempt < LIST_ATTEMPTS_MAX; attempt++) {
      final long chosen = choose(segments());
      if (chosen == NO_SEGMENT) {
        return Step.END;
      }
      final boolean isWanted = isExactSegmentWanted && chosen == wantedVersion;
      if (enter(chosen, isWanted ? wantedOffset : 0)) {
        return Step.SEGMENT;
      }
    }
    throw new IOException(
        "segments vanish faster than they can be opened: attempts="
            + LIST_ATTEMPTS_MAX
            + ", directory="
            + directory);
  }

  private long choose(List<WalSegment> segments) {
    long below = NO_SEGMENT;
    long above = NO_SEGMENT;
    for (final WalSegment listed : segments) {
      if (listed.firstVersion() == wantedVersion) {
        return wantedVersion;
      }
      if (listed.firstVersion() < wantedVersion) {
        below = listed.firstVersion();
      } else if (above == NO_SEGMENT) {
        above = listed.firstVersion();
      }
    }
    if (isExactSegmentWanted) {
      return above != NO_SEGMENT ? above : below;
    }
    return below != NO_SEGMENT ? below : above;
  }

  private boolean enter(long firstVersion, long fileOffset) throws IOException {
    final Path file = WalSegment.logFile(directory, firstVersion);
    try {
      window.open(file);
    } catch (NoSuchFileException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
      return false; // recycled since the directory was listed
    }
    check.resetBudget();
    segment = firstVersion;
    isComplete = false;
    isAtEnd = false;
    moveTo(fileOffset <= window.size() ? fileOffset : 0);
    return true;
  }

  /** Returns the record of the last {@link Step#RECORD}; valid until the next step. */
  public WalRecord record() {
    return record;
  }

  /** Returns the name of the segment the reader is in, or {@link #NO_SEGMENT}. */
  public long segmentFirstVersion() {
    return segment;
  }

  /** Returns the offset in the segment from which the next step goes on. */
  public long fileOffset() {
    return offset;
  }

  /** Returns where the region of the last {@link Step#DAMAGED} begins in the segment. */
  public long damagedOffset() {
    return damagedOffset;
  }

  /** Returns the number of bytes of the region of the last {@link Step#DAMAGED}. */
  public long damagedLength() {
    return damagedLength;
  }

  /**
   * Returns the version of the record that the region of the last {@link Step#DAMAGED} begins with;
   * {@link WalRecordCheck#NO_VERSION} if its header is damaged.
   */
  long damagedVersion() {
    return damagedVersion;
  }

  /** Returns what was wrong where the region of the last {@link Step#DAMAGED} begins. */
  public String damageReason() {
    return damageReason;
  }

  /** Returns the bytes that are no record yet, after {@link Step#END}; null if there are none. */
  public @Nullable WalTail tail() {
    return tail;
  }

  @Override
  public void close() throws IOException {
    window.close();
    segment = NO_SEGMENT;
  }
}
