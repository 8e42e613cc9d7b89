package io.tidemark.tdengine;

import io.tidemark.tdengine.WalContent.Block;
import io.tidemark.tdengine.WalContent.Delete;
import io.tidemark.tdengine.WalContent.Stable;
import io.tidemark.tdengine.WalContent.Table;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Writes a WAL directory as taosd does, for tests and benchmarks: the log, its index, segments.
 *
 * <p>Every method that appends returns the version of the record. Single thread.
 */
public final class WalWriter implements AutoCloseable {
  /** Decides how a writer's bytes become calls of write(), so that somebody may look in between. */
  public interface Pace {

    /** Returns how many of so many bytes the next call writes; at least one. */
    int next(int remaining);

    /** Is told that a call was made; what it throws ends the writing there. */
    void onWrite() throws IOException;
  }

  private static final Pace AT_ONCE =
      new Pace() {
        @Override
        public int next(int remaining) {
          return remaining;
        }

        @Override
        public void onWrite() {}
      };

  private static final long MESSAGE_VERSION = 1;
  private static final int BUFFER_LENGTH = 1 << 20;

  private final Path directory;
  private final int vgroupId;
  private final WalBody body = new WalBody();
  private final CRC32C crc = new CRC32C();
  private final ByteBuffer index = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
  private ByteBuffer pending = ByteBuffer.allocate(0);

  private FileChannel log;
  private FileChannel indexLog;
  private long segmentFirstVersion;
  private long offset;
  private long nextVersion;
  private long term = 1;
  private long ingestTimestampUs = 1_790_000_000_000_000L;
  private boolean isBuffered;
  private Pace pace = AT_ONCE;

  private WalWriter(Path directory, int vgroupId, long firstVersion) throws IOException {
    this.directory = directory;
    this.vgroupId = vgroupId;
    nextVersion = firstVersion;
    segmentFirstVersion = firstVersion;
    log = open(".log");
    indexLog = open(".idx");
    offset = log.size();
  }

  /** Creates the directory, if need be, and its first segment. */
  public static WalWriter create(Path walDirectory, int vgroupId, long firstVersion)
      throws IOException {
    Files.createDirectories(walDirectory);
    return new WalWriter(walDirectory, vgroupId, firstVersion);
  }

  /** Makes the writer collect a megabyte before it writes; without index. */
  public WalWriter buffered() {
    isBuffered = true;
    pending = ByteBuffer.allocateDirect(BUFFER_LENGTH);
    return this;
  }

  /** Lets somebody decide about the calls of write(). */
  public WalWriter paced(Pace newPace) {
    pace = newPace;
    return this;
  }

  private FileChannel open(String suffix) throws IOException {
    return FileChannel.open(
        directory.resolve(String.format("%020d%s", segmentFirstVersion, suffix)),
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.APPEND);
  }

  /** Sets the term of the records to come. */
  public WalWriter term(long newTerm) {
    term = newTerm;
    return this;
  }

  /** Sets the version of the next record: it may go back, as after a torn tail. */
  public WalWriter nextVersion(long version) {
    nextVersion = version;
    return this;
  }

  /** Sets the clock of the records to come; it advances by one microsecond a record. */
  public WalWriter ingestTimestampUs(long timestampUs) {
    ingestTimestampUs = timestampUs;
    return this;
  }

  /** Begins a new segment. */
  public void roll() throws IOException {
    close();
    segmentFirstVersion = nextVersion;
    offset = 0;
    log = open(".log");
    indexLog = open(".idx");
  }

  /** Appends bytes that are no record, as a crash leaves them. */
  public void garbage(byte[] bytes) throws IOException {
    flush();
    writeAll(log, ByteBuffer.wrap(bytes));
  }

  /** Appends what the leader of a vgroup writes first. */
  public long noop() throws IOException {
    return append(MessageType.SYNC_NOOP, begin());
  }

  /** Appends the record of a commit. It does not begin a segment: call {@link #roll()}. */
  public long commit() throws IOException {
    return append(MessageType.VND_COMMIT, begin());
  }

  /** Appends the creation of a stable. */
  public long createStable(Stable stable) throws IOException {
    stable.write(begin());
    return append(MessageType.VND_CREATE_STB, body);
  }

  /** Appends a new schema of a stable. */
  public long alterStable(Stable stable) throws IOException {
    stable.write(begin());
    return append(MessageType.VND_ALTER_STB, body);
  }

  /** Appends the end of a stable. */
  public long dropStable(String name, long suid) throws IOException {
    final int part = begin().beginPart();
    return append(MessageType.VND_DROP_STB, body.text(name).i64(suid).endPart(part));
  }

  /** Appends the creation of tables. */
  public long createTables(List<Table> tables) throws IOException {
    final int part = begin().beginPart();
    body.signed(tables.size());
    tables.forEach(table -> table.write(body));
    return append(MessageType.VND_CREATE_TABLE, body.i8(0).endPart(part));
  }

  /** Appends the end of tables, by name, stable and uid. */
  public long dropTables(List<Table> tables) throws IOException {
    final int part = begin().beginPart();
    body.signed(tables.size());
    for (final Table table : tables) {
      final int request = body.beginPart();
      body.text(table.name()).i64(table.suid()).i64(table.uid()).i8(0).i8(0).endPart(request);
    }
    return append(MessageType.VND_DROP_TABLE, body.endPart(part));
  }

  /** Appends a new value of a text tag. */
  public long setTag(String table, int columnId, String tag, byte[] value, long createTime)
      throws IOException {
    final int part = begin().beginPart();
    body.text(table).i8(4).i32(columnId).text(tag).i8(0).i8(8).binary(value);
    return append(MessageType.VND_ALTER_TABLE, body.i64(createTime).i8(0).endPart(part));
  }

  /** Appends a new column of a normal table. */
  public long addColumn(String table, String column, int type, int bytes, long createTime)
      throws IOException {
    final int part = begin().beginPart();
    body.text(table).i8(5).i32(0).text(column).i8(type).i8(1).signed(bytes);
    return append(MessageType.VND_ALTER_TABLE, body.i64(createTime).zeros(5).endPart(part));
  }

  /** Appends a deletion of rows. */
  public long delete(Delete delete) throws IOException {
    delete.write(begin());
    return append(MessageType.VND_DELETE, body);
  }

  /** Appends rows of tables. */
  public long submit(List<Block> blocks) throws IOException {
    final int part = begin().i64(Long.reverseBytes(MESSAGE_VERSION)).beginPart();
    body.unsigned(blocks.size());
    blocks.forEach(block -> block.write(body));
    return append(MessageType.VND_SUBMIT, body.endPart(part));
  }

  /** Appends rows of tables. */
  public long submit(Block... blocks) throws IOException {
    return submit(List.of(blocks));
  }

  /** Appends a message of a type whose body the caller made, without the head. */
  public long append(MessageType type, byte[] rest) throws IOException {
    return append(type, begin().raw(rest));
  }

  private WalBody begin() {
    return body.begin(vgroupId);
  }

  private long append(MessageType type, WalBody message) throws IOException {
    final ByteBuffer content = message.finish();
    final ByteBuffer header = header(type, content);
    if (isBuffered) {
      buffer(header, content);
    } else {
      writeAll(indexLog, index.clear().putLong(nextVersion).putLong(offset).flip());
      writeAll(log, header);
      writeAll(log, content);
    }
    offset += WalRecordDescriptor.HEADER_LENGTH + content.limit();
    ingestTimestampUs++;
    return nextVersion++;
  }

  private ByteBuffer header(MessageType type, ByteBuffer content) {
    final ByteBuffer header =
        ByteBuffer.allocate(WalRecordDescriptor.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    crc.reset();
    crc.update(content.duplicate());
    header.putLong(0xFAFBFCFDF4F3F2F1L).putInt(0).putInt((int) crc.getValue());
    header.putLong(nextVersion).putLong(ingestTimestampUs).putInt(content.limit());
    header.putShort((short) type.id()).put((byte) 0).put((byte) 0).putLong(0).putLong(term);
    crc.reset();
    crc.update(header.array(), 16, 40);
    header.putInt(8, (int) crc.getValue());
    return header.flip();
  }

  private void buffer(ByteBuffer header, ByteBuffer content) throws IOException {
    if (pending.remaining() < header.remaining() + content.remaining()) {
      flush();
    }
    if (pending.remaining() < header.remaining() + content.remaining()) {
      pending = ByteBuffer.allocateDirect(header.remaining() + content.remaining());
    }
    pending.put(header).put(content);
  }

  private void flush() throws IOException {
    writeAll(log, pending.flip());
    pending.clear();
  }

  private void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    int end = bytes.limit();
    while (bytes.position() < end) {
      bytes.limit(bytes.position() + pace.next(end - bytes.position()));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      pace.onWrite();
    }
  }

  @Override
  public void close() throws IOException {
    flush();
    log.close();
    indexLog.close();
  }
}
