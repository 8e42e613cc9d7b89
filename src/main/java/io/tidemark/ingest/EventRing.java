package io.tidemark.ingest;

import io.tidemark.block.BlockEventType;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Supplier;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue beside the Java heap that hands block events, and what is declared of the log,
 * from any number of threads to one.
 *
 * <p>What one thread offers comes out in that order. Offers never wait and allocate nothing; {@link
 * #drain} and {@link #awaitMessage} are the one taker's. After {@link #close} nothing more gets in,
 * and everything that got in comes out.
 */
public final class EventRing {

  /*
   * Messages. One slot is 32 bytes: a header of 8, and the three numbers of an event; the type of the
   * event is the type of the message. Longer messages are whole slots, so that an event never has to
   * be put at the beginning because it would cross the end.
   *
   * Closing. A producer looks whether the ring is closed after it has moved the tail and before it
   * commits; who closes the ring sets the mark and then reads the tail. Either the producer sees the
   * mark and withdraws, or its message lies before the end that the taker drains to.
   *
   * Sleeping. The same between the taker, which says that it sleeps and then reads the tail, and a
   * producer, which moves the tail and then looks for a sleeper. So waking costs a producer one read
   * of a line that seldom changes.
   */

  /** Bytes of one event with its header. */
  static final int SLOT_LENGTH = 32;

  /** Fewest events that a ring holds. */
  public static final int MIN_CAPACITY = 64;

  /** Most events that a ring holds: 1 GiB of them. */
  public static final int MAX_CAPACITY = 1 << 25;

  private static final int HEADER_LENGTH = RecordDescriptor.HEADER_LENGTH;
  private static final int BLOCK_ID = 0;
  private static final int WAL_OFFSET = BLOCK_ID + Long.BYTES;
  private static final int TIMESTAMP = WAL_OFFSET + Long.BYTES;

  /** Of a gap, behind its two offsets. */
  private static final int REASON_LENGTH = 2 * Long.BYTES;

  private static final int REASON = REASON_LENGTH + Integer.BYTES;
  private static final int MAX_REASON_LENGTH = 1 << 10;
  private static final int MAX_UTF8_LENGTH = 3;

  /** Types of messages: the code of an event's type and 1, then these. */
  private static final int FIRST_EVENT = 1;

  private static final int LAST_EVENT = 4;
  private static final int FLUSH_ALL = 5;
  private static final int COMPLETE_THROUGH = 6;
  private static final int FIRST_DECLARATION = 7;
  private static final int CONTINUE_FROM = FIRST_DECLARATION;
  private static final int GAP = 8;
  private static final int ROLLED_BACK = 9;

  private final ManyToOneRingBuffer messages;
  private final AtomicBuffer buffer;
  private final Drain drain = new Drain();
  private final Sleeper sleeper = new Sleeper(this::isDue);

  /** Null while the ring is open. */
  private volatile @Nullable Supplier<RuntimeException> refusal;

  /** Where the last message that got in ends; nothing lies behind it when it was read. */
  private volatile long end = Long.MAX_VALUE;

  /**
   * Creates a ring.
   *
   * @param minCapacity events that it must hold, from {@link #MIN_CAPACITY} on; the next power of
   *     two is taken
   */
  public EventRing(int minCapacity) {
    if (minCapacity < MIN_CAPACITY || minCapacity > MAX_CAPACITY) {
      throw new IllegalArgumentException(
          "ring capacity out of range: min="
              + MIN_CAPACITY
              + ", max="
              + MAX_CAPACITY
              + ", capacity="
              + minCapacity);
    }
    int length = BitUtil.findNextPositivePowerOfTwo(minCapacity) * SLOT_LENGTH;
    this.buffer =
        new UnsafeBuffer(
            BufferUtil.allocateDirectAligned(
                length + RingBufferDescriptor.TRAILER_LENGTH, BitUtil.CACHE_LINE_LENGTH));
    this.messages = new ManyToOneRingBuffer(buffer);
  }

  /** Returns how many events it holds. */
  public int capacity() {
    return messages.capacity() / SLOT_LENGTH;
  }

  /** Returns how many messages wait in it, about; a gap with a long reason counts as several. */
  public int size() {
    return messages.size() / SLOT_LENGTH;
  }

  /** Returns the place behind everything that was offered; it grows. */
  public long tail() {
    return messages.producerPosition();
  }

  /** Returns the place behind everything that was drained; it grows. */
  public long head() {
    return messages.consumerPosition();
  }

  /**
   * Offers a change or a flush of one block.
   *
   * @return false if the ring is full; nothing was taken
   * @throws IllegalArgumentException if the type is null or CLEAR, which is no event of a storage
   *     engine
   * @throws RuntimeException if the ring is closed: the one that {@link #close} was given
   */
  public boolean offerEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
    if (type == null || type == BlockEventType.CLEAR) {
      throw new IllegalArgumentException("storage engines send no such event: type=" + type);
    }
    return offer(FIRST_EVENT + type.code(), blockId, walOffset, timestampNs);
  }

  /** Offers a flush of every block up to a WAL offset; false if the ring is full. */
  public boolean offerFlushAll(long walOffset, long timestampNs) {
    return offer(FLUSH_ALL, 0, walOffset, timestampNs);
  }

  /** Offers the promise that every change through a WAL offset was offered before. */
  public boolean offerCompleteThrough(long walOffset) {
    return offer(COMPLETE_THROUGH, 0, walOffset, 0);
  }

  /** Offers the place where a source goes on; false if the ring is full. */
  public boolean offerContinueFrom(long walOffset) {
    return offer(CONTINUE_FROM, 0, walOffset, 0);
  }

  /** Offers that the log was rolled back; false if the ring is full. */
  public boolean offerRolledBack(long firstOwn, long timestampNs) {
    return offer(ROLLED_BACK, 0, firstOwn, timestampNs);
  }

  /**
   * Offers a closed range of WAL offsets whose changes are not known; false if the ring is full.
   *
   * @param reason cut if it is too long for the ring
   */
  public boolean offerGap(long first, long last, String reason) {
    int limit = Math.min(MAX_REASON_LENGTH, messages.maxMsgLength() - REASON - SLOT_LENGTH);
    byte[] text =
        reason
            .substring(0, Math.min(reason.length(), limit / MAX_UTF8_LENGTH))
            .getBytes(StandardCharsets.UTF_8);
    int index = claim(GAP, BitUtil.align(REASON + text.length + HEADER_LENGTH, SLOT_LENGTH));
    if (index < 0) {
      return false;
    }
    buffer.putLong(index, first);
    buffer.putLong(index + Long.BYTES, last);
    buffer.putInt(index + REASON_LENGTH, text.length);
    buffer.putBytes(index + REASON, text);
    commit(index);
    return true;
  }

  private boolean offer(int messageType, long blockId, long walOffset, long timestampNs) {
    int index = claim(messageType, SLOT_LENGTH);
    if (index < 0) {
      return false;
    }
    buffer.putLong(index + BLOCK_ID, blockId);
    buffer.putLong(index + WAL_OFFSET, walOffset);
    buffer.putLong(index + TIMESTAMP, timestampNs);
    commit(index);
    return true;
  }

  /** Returns where a message of whole slots begins; negative if the ring is full. */
  private int claim(int messageType, int length) {
    int index = messages.tryClaim(messageType, length - HEADER_LENGTH);
    Supplier<RuntimeException> why = refusal;
    if (why != null) {
      if (index >= 0) {
        messages.abort(index);
      }
      throw why.get();
    }
    return index;
  }

  private void commit(int index) {
    messages.commit(index);
    sleeper.wake();
  }

  /**
   * Hands the next messages to a sink.
   *
   * <p>A declaration that is not {@code completeThrough} comes alone: the drain ends before it, and
   * the next one hands over nothing else.
   *
   * @param limit most messages that are handed over
   * @return how many were; 0 if there is none, or the next one is being written
   */
  public int drain(BlockEventSink sink, int limit) {
    drain.begin(sink);
    messages.controlledRead(drain, limit);
    return drain.count;
  }

  /** Returns whether nothing was offered that was not drained. */
  public boolean isEmpty() {
    return head() == tail();
  }

  /** Waits until something is offered, the ring is closed, or {@link #wake} is called. */
  public void awaitMessage() {
    sleeper.sleep();
  }

  private boolean isDue() {
    return isClosed() || !isEmpty();
  }

  /** Ends {@link #awaitMessage} once, now or when it is called next. */
  public void wake() {
    sleeper.call();
  }

  /**
   * Lets nothing more in. Any thread; the last call says how offers are refused.
   *
   * @param why makes what is thrown at whoever offers
   */
  public void close(Supplier<RuntimeException> why) {
    refusal = why;
    end = tail();
    sleeper.call();
  }

  /** Returns whether it was closed and everything that got in was drained. */
  public boolean isDrained() {
    return isClosed() && head() >= end;
  }

  /** Returns whether it was closed. */
  public boolean isClosed() {
    return refusal != null;
  }

  /** Takes messages apart. */
  private static final class Drain implements ControlledMessageHandler {
    private @Nullable BlockEventSink target;
    private int count;

    void begin(BlockEventSink sink) {
      target = sink;
      count = 0;
    }

    @Override
    public Action onMessage(int type, MutableDirectBuffer buffer, int index, int length) {
      BlockEventSink sink = Objects.requireNonNull(target);
      if (type < FIRST_DECLARATION) {
        event(sink, type, buffer, index);
        count++;
        return Action.CONTINUE;
      }
      if (count > 0) {
        return Action.ABORT;
      }
      declaration(sink, type, buffer, index);
      count++;
      return Action.BREAK;
    }

    private static void event(
        BlockEventSink sink, int type, MutableDirectBuffer buffer, int index) {
      long walOffset = buffer.getLong(index + WAL_OFFSET);
      if (type <= LAST_EVENT) {
        sink.onEvent(
            BlockEventType.ofCode(type - FIRST_EVENT),
            buffer.getLong(index + BLOCK_ID),
            walOffset,
            buffer.getLong(index + TIMESTAMP));
      } else if (type == FLUSH_ALL) {
        sink.onFlushAll(walOffset, buffer.getLong(index + TIMESTAMP));
      } else {
        sink.completeThrough(walOffset);
      }
    }

    private static void declaration(
        BlockEventSink sink, int type, MutableDirectBuffer buffer, int index) {
      switch (type) {
        case CONTINUE_FROM -> sink.continueFrom(buffer.getLong(index + WAL_OFFSET));
        case ROLLED_BACK ->
            sink.rolledBack(buffer.getLong(index + WAL_OFFSET), buffer.getLong(index + TIMESTAMP));
        case GAP -> {
          byte[] text = new byte[buffer.getInt(index + REASON_LENGTH)];
          buffer.getBytes(index + REASON, text);
          sink.gap(
              buffer.getLong(index),
              buffer.getLong(index + Long.BYTES),
              new String(text, StandardCharsets.UTF_8));
        }
        default -> throw new AssertionError("unknown message in the ring: type=" + type);
      }
    }
  }
}
