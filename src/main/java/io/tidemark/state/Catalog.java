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
import java.util.Arrays;
import org.agrona.collections.Long2ObjectHashMap;
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

  private final Long2ObjectHashMap<byte[]> names = new Long2ObjectHashMap<>();

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

  /** Publishes the catalog, as it stands at a journal position, to the operating system. */
  public void publish(Path file, long storeId, long position) throws IOException {
    publish(FileStorageIO.INSTANCE, file, storeId, position);
  }

  /** Publishes the catalog as it stands at a journal position. */
  public void publish(StorageIO io, Path file, long storeId, long position) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(Long.reverseBytes(names.size()));
    for (long id : ids()) {
      byte[] name = names.get(id);
      out.writeLong(Long.reverseBytes(id));
      out.writeShort(Short.reverseBytes((short) name.length));
      out.write(name);
    }
    PublishedFile.publish(
        io,
        file,
        FileType.CATALOG,
        VERSION,
        storeId,
        0,
        position,
        ByteBuffer.wrap(bytes.toByteArray()).order(ByteOrder.LITTLE_ENDIAN));
  }

  /** Gives an id its name; an id keeps its first name. */
  public void assign(long blockId, byte[] name) {
    names.putIfAbsent(blockId, name);
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
