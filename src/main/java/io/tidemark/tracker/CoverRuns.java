package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.journal.JournalEntryHandler;
import io.tidemark.segment.ControlCompactor;
import java.util.function.Consumer;

/**
 * Joins declarations that follow one another into one, and keeps every other control entry.
 *
 * <p>A source that is read many times a second declares as often what it has read. Each merge makes
 * one of up to so many of them, so that old ones are few; of their marks the last stays.
 */
final class CoverRuns implements ControlCompactor {

  /** Joins some at each merge, so that of the marks more stay the newer they are. */
  static final CoverRuns INSTANCE = new CoverRuns(64);

  private final int joinedMax;

  /**
   * Creates a compactor.
   *
   * @param joinedMax how many declarations become one at most
   */
  CoverRuns(int joinedMax) {
    this.joinedMax = joinedMax;
  }

  @Override
  public void compact(Consumer<JournalEntryHandler> entries, JournalEntryHandler out) {
    Run run = new Run(out);
    entries.accept(run);
    run.end();
  }

  /** Passes everything on, a run of declarations when it has ended. */
  private final class Run implements JournalEntryHandler {
    private final JournalEntryHandler out;
    private int joined;
    private long position;
    private int generation;
    private long first;
    private long last;
    private byte[] mark = {};

    Run(JournalEntryHandler out) {
      this.out = out;
    }

    private void end() {
      if (joined > 0) {
        out.onCover(position, generation, first, last, mark);
        joined = 0;
      }
    }

    @Override
    public void onCover(
        long entryPosition, int entryGeneration, long begin, long end, byte[] entryMark) {
      boolean isNext =
          joined > 0
              && joined < joinedMax
              && entryGeneration == generation
              && last != -1
              && begin == last + 1
              && (entryMark.length > 0 || mark.length == 0);
      if (!isNext) {
        end();
        generation = entryGeneration;
        first = begin;
      }
      joined++;
      position = entryPosition;
      last = end;
      mark = entryMark;
    }

    @Override
    public void onEvent(
        long at, int number, BlockEventType type, long blockId, long walOffset, long timestampNs) {
      end();
      out.onEvent(at, number, type, blockId, walOffset, timestampNs);
    }

    @Override
    public void onFlushAll(long at, int number, long walOffset, long timestampNs) {
      end();
      out.onFlushAll(at, number, walOffset, timestampNs);
    }

    @Override
    public void onAssign(long at, int number, long blockId, byte[] name) {
      end();
      out.onAssign(at, number, blockId, name);
    }

    @Override
    public void onGap(long at, int number, long from, long through, String reason) {
      end();
      out.onGap(at, number, from, through, reason);
    }

    @Override
    public void onGeneration(long at, int number, long firstOwn) {
      end();
      out.onGeneration(at, number, firstOwn);
    }

    @Override
    public void onCommit(long at, int number, String chain, long cursor) {
      end();
      out.onCommit(at, number, chain, cursor);
    }

    @Override
    public void onPrepare(long at, int number, String chain, long through) {
      end();
      out.onPrepare(at, number, chain, through);
    }

    @Override
    public void onAbort(long at, int number, String chain, long through) {
      end();
      out.onAbort(at, number, chain, through);
    }

    @Override
    public void onDrop(long at, int number, String chain) {
      end();
      out.onDrop(at, number, chain);
    }

    @Override
    public void onTombstone(long at, int number, long walOffset, byte[] tombstone) {
      end();
      out.onTombstone(at, number, walOffset, tombstone);
    }
  }
}
