package io.tidemark.benchmarks.comparison;

import java.nio.ByteBuffer;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/**
 * How H2's MVStore compares and writes our keys and values.
 *
 * <p>Numbers of variable length; in a page of an index each position is the difference to the one
 * before, which its keys ascend for.
 */
final class MvStoreTypes {
  private static final int OBJECT_BYTES = 32;

  private MvStoreTypes() {}

  /** Keys of an index. */
  static final class ChangeType extends BasicDataType<Change> {
    @Override
    public int compare(Change a, Change b) {
      return a.compareTo(b);
    }

    @Override
    public int getMemory(Change key) {
      return OBJECT_BYTES;
    }

    @Override
    public void write(WriteBuffer buffer, Change key) {
      buffer.putVarLong(key.at()).putVarLong(key.blockId());
    }

    @Override
    public Change read(ByteBuffer buffer) {
      return new Change(DataUtils.readVarLong(buffer), DataUtils.readVarLong(buffer));
    }

    @Override
    public void write(WriteBuffer buffer, Object page, int count) {
      Change[] keys = cast(page);
      long before = 0;
      for (int i = 0; i < count; i++) {
        buffer.putVarLong(keys[i].at() - before).putVarLong(keys[i].blockId());
        before = keys[i].at();
      }
    }

    @Override
    public void read(ByteBuffer buffer, Object page, int count) {
      Change[] keys = cast(page);
      long before = 0;
      for (int i = 0; i < count; i++) {
        before += DataUtils.readVarLong(buffer);
        keys[i] = new Change(before, DataUtils.readVarLong(buffer));
      }
    }

    @Override
    public Change[] createStorage(int size) {
      return new Change[size];
    }
  }

  /** Values of blocks. */
  static final class LastChangeType extends BasicDataType<LastChange> {
    @Override
    public int getMemory(LastChange value) {
      return OBJECT_BYTES;
    }

    @Override
    public void write(WriteBuffer buffer, LastChange value) {
      buffer.putVarLong(value.walOffset()).putVarLong(value.timestampNs());
      buffer.put((byte) (value.isDelete() ? 1 : 0));
    }

    @Override
    public LastChange read(ByteBuffer buffer) {
      return new LastChange(
          DataUtils.readVarLong(buffer), DataUtils.readVarLong(buffer), buffer.get() != 0);
    }

    @Override
    public LastChange[] createStorage(int size) {
      return new LastChange[size];
    }
  }

  /** Values of an index: its keys say everything. */
  static final class NothingType extends BasicDataType<Boolean> {
    @Override
    public int getMemory(Boolean value) {
      return 0;
    }

    @Override
    public void write(WriteBuffer buffer, Boolean value) {
      // There is nothing to write.
    }

    @Override
    public Boolean read(ByteBuffer buffer) {
      return Boolean.TRUE;
    }

    @Override
    public Boolean[] createStorage(int size) {
      return new Boolean[size];
    }
  }
}
