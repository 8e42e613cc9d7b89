package io.tidemark.state;

import io.tidemark.storage.BitmapBuilder;
import io.tidemark.storage.MappedBitmap;
import java.util.TreeSet;

/** A sorted set on the heap. */
final class ReferenceBlockSet implements BlockSet {
  private final TreeSet<Long> ids = new TreeSet<>(Long::compareUnsigned);

  ReferenceBlockSet(MappedBitmap ids) {
    addAll(ids);
  }

  @Override
  public boolean contains(long id) {
    return ids.contains(id);
  }

  @Override
  public long cardinality() {
    return ids.size();
  }

  @Override
  public void addAll(MappedBitmap added) {
    for (MappedBitmap.Cursor cursor = added.cursor(); cursor.hasNext(); ) {
      ids.add(cursor.next());
    }
  }

  @Override
  public void removeAll(MappedBitmap removed) {
    for (MappedBitmap.Cursor cursor = removed.cursor(); cursor.hasNext(); ) {
      ids.remove(cursor.next());
    }
  }

  @Override
  public void retainAll(MappedBitmap kept) {
    ids.removeIf(id -> !kept.contains(id));
  }

  @Override
  public void clear() {
    ids.clear();
  }

  @Override
  public MappedBitmap image() {
    BitmapBuilder image = new BitmapBuilder();
    ids.forEach(image::add);
    return image.toBitmap();
  }
}
