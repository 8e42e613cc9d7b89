package io.tidemark.tracker;

import io.tidemark.storage.MappedBitmap;
import java.util.function.LongConsumer;

/** Ids as a bitmap, perhaps where it lies in a file: for very many of them. */
final class BitmapIds implements BlockIds {
  private final MappedBitmap bitmap;
  private final long size;

  BitmapIds(MappedBitmap bitmap) {
    this.bitmap = bitmap;
    this.size = bitmap.cardinality();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean contains(long blockId) {
    return bitmap.contains(blockId);
  }

  @Override
  public void forEach(LongConsumer consumer) {
    bitmap.forEach(consumer);
  }

  @Override
  public Cursor cursor() {
    MappedBitmap.Cursor ids = bitmap.cursor();
    return new Cursor() {
      private long blockId;

      @Override
      public boolean next() {
        if (!ids.hasNext()) {
          return false;
        }
        blockId = ids.next();
        return true;
      }

      @Override
      public long blockId() {
        return blockId;
      }
    };
  }
}
