package io.tidemark.state;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongHashSet;
import org.jspecify.annotations.Nullable;

/**
 * What the block ids name: a view folded from the journal's ASSIGN entries.
 *
 * <p>A name is bytes that only the source understands. Single writer; not thread-safe.
 */
public final class Catalog {

  /*
   * File payload, little-endian: count u64; for each id in unsigned order: id u64, name length u16,
   * name. Version 1.
   */
  private static final int VERSION = 1;

  /** Where an id was given its name. */
  private record Assigned(long position, long blockId) {}

  private final Long2ObjectHashMap<byte[]> names = new Long2ObjectHashMap<>();

  /** The names behind the last settled position, in order of the journal. */
  private final ArrayDeque<Assigned> unsettled = new ArrayDeque<>();

  /** Creates a catalog without names. */
  public Catalog() {}

  /**
   * Reads a catalog file.
   *
   * @throws CorruptFileException if any byte of it is wrong
   */
  public static Catalog open(StorageIO io, Path file, long storeId) throws IOException {
    ByteBuffer in = PublishedFile.open(io, file, FileType.CATALOG, VERSION, storeId).payload();
    Catalog catalog = new Catalog();
    try {
      for (long remaining = in.getLong(); remaining > 0; remaining--) {
        long id = in.getLong();
        byte[] name = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(name);
        catalog.names.put(id, name);
      }
    } catch (BufferUnderflowException e) {
      throw new CorruptFileException("corrupt file: names are cut: file=" + file);
    }
    return catalog;
  }

  /** Reads a catalog file of the operating system. */
  public static Catalog open(Path file, long storeId) throws IOException {
    return open(FileStorageIO.INSTANCE, file, storeId);
  }

  /**
   * Returns the payload of a file that holds the names as they stand at a journal position, which
   * is not below the settled one.
   */
  public ByteBuffer image(long position) {
    LongHashSet later = new LongHashSet();
    for (Iterator<Assigned> it = unsettled.descendingIterator(); it.hasNext(); ) {
      Assigned assigned = it.next();
      if (assigned.position <= position) {
        break;
      }
      later.add(assigned.blockId);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeLong(Long.reverseBytes(names.size() - later.size()));
      for (long id : ids()) {
        if (!later.contains(id)) {
          byte[] name = names.get(id);
          out.writeLong(Long.reverseBytes(id));
          out.writeShort(Short.reverseBytes((short) name.length));
          out.write(name);
        }
      }
    } catch (IOException e) {
      throw new AssertionError("memory cannot be written", e);
    }
    return ByteBuffer.wrap(bytes.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Publishes an image of the catalog, taken at a journal position. Any thread. */
  public static void publish(StorageIO io, Path file, long storeId, long position, ByteBuffer image)
      throws IOException {
    PublishedFile.publish(io, file, FileType.CATALOG, VERSION, storeId, 0, position, image);
  }

  /**
   * Gives an id its name; an id keeps its first name.
   *
   * @param position journal position of the assignment, not below the one before
   */
  public void assign(long position, long blockId, byte[] name) {
    if (names.putIfAbsent(blockId, name) == null) {
      unsettled.add(new Assigned(position, blockId));
    }
  }

  /** Says that no image will be taken at a journal position below this one. */
  public void settle(long position) {
    while (!unsettled.isEmpty() && unsettled.getFirst().position <= position) {
      unsettled.removeFirst();
    }
  }

  /** Returns the name of a block, or null if it was never assigned. */
  public byte @Nullable [] name(long blockId) {
    return names.get(blockId);
  }

  /** Returns the number of names. */
  public int size() {
    return names.size();
  }

  /** Returns all ids in unsigned order. */
  public long[] ids() {
    long[] ids = new long[names.size()];
    int i = 0;
    for (Long2ObjectHashMap<byte[]>.KeyIterator it = names.keySet().iterator(); it.hasNext(); ) {
      ids[i++] = it.nextLong() + Long.MIN_VALUE;
    }
    Arrays.sort(ids);
    for (i = 0; i < ids.length; i++) {
      ids[i] -= Long.MIN_VALUE;
    }
    return ids;
  }

  /** Returns whether both catalogs give the same names. */
  public boolean sameAs(Catalog other) {
    if (names.size() != other.names.size()) {
      return false;
    }
    for (long id : ids()) {
      if (!Arrays.equals(names.get(id), other.names.get(id))) {
        return false;
      }
    }
    return true;
  }
}
