package io.tidemark.tracker;

import io.tidemark.segment.ChangeCursor;
import io.tidemark.segment.ChangeSource;
import io.tidemark.segment.EventCursor;
import io.tidemark.storage.BitmapBuilder;
import io.tidemark.storage.MappedBitmap;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the ids of the blocks that changed in a range from one source after another.
 *
 * <p>It finds the blocks that {@link ChangeCollector} finds, and is certain of the same. Used once,
 * by one thread.
 */
final class IdCollector {

  /*
   * Of a source that lies wholly inside the range the bitmap says all. While these hold few ids they
   * are gathered in words as those of single changes are; else the bitmaps are united as they are,
   * and may stay where they lie.
   */

  /** Ids of bitmaps up to which they are gathered one by one. */
  private static final long MAX_GATHERED = 1 << 18;

  private final RangeFilter range;
  private final long maxGathered;
  private final CutBlock cut;
  private final WordGatherer certain = new WordGatherer();

  /** Blocks that may not have changed in the range; null until there is one. */
  private @Nullable WordGatherer uncertain;

  private final List<MappedBitmap> bitmaps = new ArrayList<>();
  private long ofBitmaps;

  IdCollector(RangeFilter range) {
    this(range, MAX_GATHERED);
  }

  /**
   * Creates one that found nothing yet.
   *
   * @param maxGathered ids of bitmaps up to which they are gathered one by one
   */
  IdCollector(RangeFilter range, long maxGathered) {
    this.range = range;
    this.maxGathered = maxGathered;
    this.cut = new CutBlock(range);
  }

  /** Takes in what a source says. */
  void collect(ChangeSource source) {
    if (range.acceptsNone(source)) {
      return;
    }
    boolean isWhole = range.acceptsAll(source);
    MappedBitmap bitmap = isWhole ? source.changedIds() : null;
    if (bitmap != null) {
      bitmaps.add(bitmap);
      ofBitmaps += bitmap.cardinality();
    } else if (source.hasEvents()) {
      collectEvents(source);
    } else {
      collectRows(source, isWhole);
    }
  }

  private void collectEvents(ChangeSource source) {
    GenerationFilter filter = range.in(source.firstChange().generation());
    EventCursor page = source.events(filter);
    while (page.next()) {
      int count = page.count();
      long[] ids = page.blockIds();
      if (filter.acceptsAll(page)) {
        certain.addAll(ids, count);
      } else {
        long[] offsets = page.walOffsets();
        long[] timestampsNs = page.timestampsNs();
        for (int i = 0; i < count; i++) {
          if (filter.accepts(offsets[i], timestampsNs[i])) {
            certain.add(ids[i]);
          }
        }
      }
    }
  }

  private void collectRows(ChangeSource source, boolean isWhole) {
    ChangeCursor block = source.changes();
    while (block.next()) {
      if (isWhole) {
        certain.add(block.blockId());
      } else if (!range.acceptsNone(block)) {
        cut.look(block);
        (cut.isCertain() ? certain : uncertain()).add(block.blockId());
      }
    }
  }

  private WordGatherer uncertain() {
    WordGatherer gatherer = Objects.requireNonNullElseGet(uncertain, WordGatherer::new);
    uncertain = gatherer;
    return gatherer;
  }

  /**
   * Returns what was found.
   *
   * @param ids the blocks
   * @param surplus how many of them may not have changed in the range
   */
  record Found(BlockIds ids, long surplus) {}

  /** Returns what was found; nothing may be collected any more. */
  Found found() {
    if (ofBitmaps <= maxGathered) {
      bitmaps.forEach(bitmap -> bitmap.forEach(certain::add));
      bitmaps.clear();
    }
    if (uncertain == null) {
      return new Found(united(certain.toIds()), 0);
    }
    long ofCertain = united(certain.toIds()).size();
    certain.addAll(uncertain);
    BlockIds all = united(certain.toIds());
    return new Found(all, all.size() - ofCertain);
  }

  /** Returns words and bitmaps as one set. */
  private BlockIds united(WordIds words) {
    if (bitmaps.isEmpty()) {
      return words;
    }
    if (words.size() == 0 && bitmaps.size() == 1) {
      return new BitmapIds(bitmaps.get(0));
    }
    BitmapBuilder builder = new BitmapBuilder();
    words.forEach(builder::add);
    List<MappedBitmap> all = new ArrayList<>(bitmaps);
    all.add(builder.toBitmap());
    return new BitmapIds(MappedBitmap.or(all));
  }
}
