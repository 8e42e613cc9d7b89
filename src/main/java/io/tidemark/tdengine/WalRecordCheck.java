package io.tidemark.tdengine;

import static io.tidemark.tdengine.WalRecordDescriptor.BODY_CRC_OFFSET;
import static io.tidemark.tdengine.WalRecordDescriptor.BODY_LENGTH_MAX;
import static io.tidemark.tdengine.WalRecordDescriptor.BODY_LENGTH_OFFSET;
import static io.tidemark.tdengine.WalRecordDescriptor.CHECKED_LENGTH;
import static io.tidemark.tdengine.WalRecordDescriptor.CHECKED_OFFSET;
import static io.tidemark.tdengine.WalRecordDescriptor.HEADER_CRC_OFFSET;
import static io.tidemark.tdengine.WalRecordDescriptor.HEADER_LENGTH;
import static io.tidemark.tdengine.WalRecordDescriptor.MAGIC;
import static io.tidemark.tdengine.WalRecordDescriptor.MAGIC_FIRST_BYTE;
import static io.tidemark.tdengine.WalRecordDescriptor.MAGIC_OFFSET;
import static io.tidemark.tdengine.WalRecordDescriptor.PROTOCOL_VERSION;
import static io.tidemark.tdengine.WalRecordDescriptor.PROTOCOL_VERSION_OFFSET;
import static io.tidemark.tdengine.WalRecordDescriptor.TERM_OFFSET;
import static io.tidemark.tdengine.WalRecordDescriptor.VERSION_OFFSET;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/** Decides whether an intact record lies at an offset of a segment, and finds the next one. */
final class WalRecordCheck {
  /*
   * Resynchronisation. The next intact record is looked for at every following magic. Where the
   * damaged place is an intact header whose body is cut off or wrong, a record inside the length
   * it claims counts only if the server can have written it there: after a restart it appends the
   * lost version again, in a later term, or in the same term when a leader sends it again. So a
   * WAL record that a user stored in a column is not taken for one.
   *
   * Cost. A magic with a right header CRC and a wrong body costs the body's length. Such bodies are
   * paid from a budget of WASTE_FACTOR times the segment; beyond it only bodies of up to
   * UNPAID_BODY_LENGTH are looked at, which keeps the search linear whatever the file contains.
   * What is not looked at stays inside a region reported as damaged.
   */

  /** What lies at an offset. */
  enum Finding {
    RECORD,
    /** The segment ends here. */
    NOTHING,
    HEADER_TORN,
    MAGIC_WRONG,
    HEADER_CRC_WRONG,
    PROTOCOL_UNKNOWN,
    LENGTH_IMPOSSIBLE,
    BODY_TORN,
    BODY_CRC_WRONG,
    BODY_NOT_CHECKED
  }

  static final long NOT_FOUND = -1;
  static final long NO_VERSION = -1;

  private static final long WASTE_FACTOR = 16;
  private static final long WASTE_BASE = 64L << 20;
  private static final int UNPAID_BODY_LENGTH = 16 << 10;
  private static final int GROWTH = 1 << 20;

  private final WalWindow window;
  private long wastedBytes;
  private long undecidedOffset;
  private long actual;
  private long expected;

  WalRecordCheck(WalWindow window) {
    this.window = window;
  }

  /** Forgets what was spent on bodies that turned out wrong. */
  void resetBudget() {
    wastedBytes = 0;
  }

  /** Looks at one offset; if a record is there, the whole of it is in the window afterwards. */
  Finding at(long offset) throws IOException {
    final int available = window.load(offset, HEADER_LENGTH);
    if (available < HEADER_LENGTH) {
      actual = available;
      return available == 0 ? Finding.NOTHING : Finding.HEADER_TORN;
    }
    final ByteBuffer buffer = window.buffer();
    final int header = window.index(offset);
    final long magic = buffer.getLong(header + MAGIC_OFFSET);
    if (magic != MAGIC) {
      actual = magic;
      return Finding.MAGIC_WRONG;
    }
    expected = buffer.getInt(header + HEADER_CRC_OFFSET) & 0xFFFF_FFFFL;
    actual = window.crc32c(header + CHECKED_OFFSET, CHECKED_LENGTH) & 0xFFFF_FFFFL;
    if (actual != expected) {
      return Finding.HEADER_CRC_WRONG;
    }
    actual = buffer.get(header + PROTOCOL_VERSION_OFFSET);
    if (actual != PROTOCOL_VERSION) {
      return Finding.PROTOCOL_UNKNOWN;
    }
    final int bodyLength = buffer.getInt(header + BODY_LENGTH_OFFSET);
    if (bodyLength < 0 || bodyLength > BODY_LENGTH_MAX) {
      actual = bodyLength;
      return Finding.LENGTH_IMPOSSIBLE;
    }
    return bodyAt(offset, bodyLength);
  }

  /** Returns the version that an intact header at an offset tells; else {@link #NO_VERSION}. */
  long versionAt(long offset) throws IOException {
    return switch (at(offset)) {
      case RECORD, BODY_TORN, BODY_CRC_WRONG, BODY_NOT_CHECKED -> {
        // A long body may have pushed it out of the window.
        window.load(offset, HEADER_LENGTH);
        yield window.buffer().getLong(window.index(offset) + VERSION_OFFSET);
      }
      default -> NO_VERSION;
    };
  }

  private Finding bodyAt(long offset, int bodyLength) throws IOException {
    final int length = HEADER_LENGTH + bodyLength;
    expected = bodyLength;
    if (length > window.capacity()) {
      final long fileBytes = window.size() - offset - HEADER_LENGTH;
      if (fileBytes < bodyLength) {
        actual = fileBytes;
        return Finding.BODY_TORN;
      }
    }
    if (isOverBudget(bodyLength)) {
      return Finding.BODY_NOT_CHECKED;
    }
    final long expectedCrc =
        window.buffer().getInt(window.index(offset) + BODY_CRC_OFFSET) & 0xFFFF_FFFFL;
    if (length > window.capacity()) {
      // Memory is given to a body only after its checksum was found right.
      final long crc = window.crc32cOfFile(offset + HEADER_LENGTH, bodyLength);
      if (crc == expectedCrc) {
        window.grow(Math.addExact(length, GROWTH));
      } else if (crc >= 0) {
        return wrongBody(expectedCrc, crc, bodyLength);
      }
    }
    if (length > window.capacity() || window.load(offset, length) < length) {
      actual = Math.max(0, window.size() - offset - HEADER_LENGTH);
      return Finding.BODY_TORN;
    }
    final int body = window.index(offset) + HEADER_LENGTH;
    final long crc = window.crc32c(body, bodyLength) & 0xFFFF_FFFFL;
    return crc == expectedCrc ? Finding.RECORD : wrongBody(expectedCrc, crc, bodyLength);
  }

  private Finding wrongBody(long expectedCrc, long actualCrc, int bodyLength) {
    wastedBytes += bodyLength;
    expected = expectedCrc;
    actual = actualCrc;
    return Finding.BODY_CRC_WRONG;
  }

  private boolean isOverBudget(int bodyLength) throws IOException {
    return bodyLength > UNPAID_BODY_LENGTH
        && wastedBytes > WASTE_BASE
        && wastedBytes > WASTE_BASE + WASTE_FACTOR * window.size();
  }

  /** Says in words what the last call of {@link #at} found. */
  String reason(Finding finding) {
    return switch (finding) {
      case RECORD -> "intact record";
      case NOTHING -> "end of segment";
      case HEADER_TORN -> "torn record header: availableBytes=" + actual;
      case MAGIC_WRONG -> String.format(Locale.ROOT, "no record magic: actual=0x%016X", actual);
      case HEADER_CRC_WRONG -> wrongCrc("header");
      case PROTOCOL_UNKNOWN -> "unknown record layout: protocolVersion=" + actual;
      case LENGTH_IMPOSSIBLE -> "impossible body length: bodyLength=" + actual;
      case BODY_TORN -> "torn record body: bodyLength=" + expected + ", availableBytes=" + actual;
      case BODY_CRC_WRONG -> wrongCrc("body");
      case BODY_NOT_CHECKED -> "too many wrong bodies to check this one: bodyLength=" + expected;
    };
  }

  private String wrongCrc(String what) {
    return String.format(
        Locale.ROOT, "wrong %s CRC: expected=0x%08X, actual=0x%08X", what, expected, actual);
  }

  /**
   * Finds the next intact record behind a damaged place.
   *
   * @param damaged where the damaged place begins
   * @param finding what {@link #at} found there
   * @param from where to begin to look, above {@code damaged}
   * @return its offset or {@link #NOT_FOUND}; then {@link #undecidedOffset()} tells where to go on
   */
  long findNext(long damaged, Finding finding, long from) throws IOException {
    final ClaimedRegion claimed = claimedRegion(damaged, finding);
    long firstUndecided = Long.MAX_VALUE;
    long offset = from;
    while (true) {
      final int candidates = window.load(offset, HEADER_LENGTH) - HEADER_LENGTH + 1;
      if (candidates <= 0) {
        undecidedOffset = Math.min(firstUndecided, offset);
        return NOT_FOUND;
      }
      final int hit = indexOfMagic(window.index(offset), candidates);
      if (hit < 0) {
        offset += candidates;
        continue;
      }
      offset += hit;
      final Finding candidate = at(offset);
      if (candidate == Finding.RECORD && claimed.admits(window, offset)) {
        return offset;
      }
      if (candidate == Finding.BODY_TORN) {
        firstUndecided = Math.min(firstUndecided, offset);
      }
      offset++;
    }
  }

  /** Returns the first offset the last search could not decide for want of bytes behind it. */
  long undecidedOffset() {
    return undecidedOffset;
  }

  private int indexOfMagic(int begin, int candidates) {
    final ByteBuffer buffer = window.buffer();
    for (int i = begin, end = begin + candidates; i < end; i++) {
      if (buffer.get(i) == MAGIC_FIRST_BYTE && buffer.getLong(i) == MAGIC) {
        return i - begin;
      }
    }
    return -1;
  }

  private ClaimedRegion claimedRegion(long damaged, Finding finding) throws IOException {
    final boolean isHeaderIntact =
        finding == Finding.BODY_TORN
            || finding == Finding.BODY_CRC_WRONG
            || finding == Finding.BODY_NOT_CHECKED;
    if (!isHeaderIntact || window.load(damaged, HEADER_LENGTH) < HEADER_LENGTH) {
      return new ClaimedRegion(damaged, 0, 0);
    }
    final ByteBuffer buffer = window.buffer();
    final int header = window.index(damaged);
    final long length = (long) HEADER_LENGTH + buffer.getInt(header + BODY_LENGTH_OFFSET);
    return new ClaimedRegion(
        damaged + length,
        buffer.getLong(header + VERSION_OFFSET),
        buffer.getLong(header + TERM_OFFSET));
  }

  /** The bytes an intact header claims for a body that is not there. */
  private record ClaimedRegion(long endOffset, long version, long term) {
    boolean admits(WalWindow window, long offset) {
      if (offset >= endOffset) {
        return true;
      }
      final ByteBuffer buffer = window.buffer();
      final int header = window.index(offset);
      final long candidateVersion = buffer.getLong(header + VERSION_OFFSET);
      final int termOrder = Long.compareUnsigned(buffer.getLong(header + TERM_OFFSET), term);
      return (termOrder > 0 && candidateVersion <= version)
          || (termOrder == 0 && candidateVersion == version);
    }
  }
}
