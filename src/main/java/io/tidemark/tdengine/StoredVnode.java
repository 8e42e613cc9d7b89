package io.tidemark.tdengine;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import io.tidemark.tracker.StoreLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The vnode.json of the vgroup that a store tracks, kept in the store: so that whoever has the
 * store alone knows the database, and what its file sets are.
 *
 * <p>A view: it is written anew when the log is opened and says something else. Its payload is the
 * file as the server wrote it.
 */
public final class StoredVnode {
  private static final int VERSION = 1;

  private StoredVnode() {}

  /** Keeps what a vnode says now, if it is something else than what is kept. */
  static void keep(Path store, long storeId, VnodeDirectory vnode) throws IOException {
    Path file = new StoreLayout(store).vnode();
    ByteBuffer now = ByteBuffer.wrap(Files.readAllBytes(vnode.configFile()));
    if (!now.equals(kept(file, storeId))) {
      PublishedFile.publish(file, FileType.VNODE, VERSION, storeId, 0, 0, now);
    }
  }

  /** Returns what is kept; nothing if that cannot be read, which is written anew then. */
  private static ByteBuffer kept(Path file, long storeId) throws IOException {
    try {
      return PublishedFile.open(file, FileType.VNODE, VERSION, storeId).payload();
    } catch (NoSuchFileException | CorruptFileException | ForeignFileException e) {
      return ByteBuffer.allocate(0);
    }
  }

  /**
   * Reads what is kept in a store.
   *
   * @throws IOException if nothing is: the store was never opened by a program that keeps it
   * @throws CorruptFileException if it is not what was written
   */
  public static VnodeConfig read(Path store) throws IOException, WalDecodeException {
    Path file = new StoreLayout(store).vnode();
    ByteBuffer payload;
    try {
      payload = PublishedFile.open(file, FileType.VNODE, VERSION, 0).payload();
    } catch (NoSuchFileException e) {
      throw new IOException(
          "store does not say what its vgroup is: ask once with the data directory: store=" + store,
          e);
    }
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    return VnodeConfig.parse(bytes, file);
  }
}
