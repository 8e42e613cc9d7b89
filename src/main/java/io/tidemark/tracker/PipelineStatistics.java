package io.tidemark.tracker;

import io.tidemark.block.WalPosition;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline has done since it was started. Read while it works, the numbers are of slightly
 * different moments; when it rests, every event given is applied or dropped.
 *
 * @param status what it is doing
 * @param trouble why the store refuses events, or why the pipeline failed; null for neither
 * @param eventsAccepted events that got into the ring
 * @param eventsApplied events that are journaled and visible to questions
 * @param eventsDropped events that found no room in time; their WAL offsets are in gaps
 * @param gaps gaps journaled for them
 * @param heldBackNs for how long threads waited for room, all together
 * @param queueSize events waiting in the ring, about
 * @param queueCapacity events that the ring holds
 * @param batches batches the writer applied
 * @param refusals how often the store refused a batch for want of space
 * @param forces how often the journal was forced by the pipeline
 * @param appliedPosition journal position through which everything is applied
 * @param durablePosition journal position through which everything was forced by the pipeline
 * @param anomalies what of the events was unexpected
 * @param completeThrough through where the log was declared complete; null if it was not yet
 */
public record PipelineStatistics(
    Status status,
    @Nullable String trouble,
    long eventsAccepted,
    long eventsApplied,
    long eventsDropped,
    long gaps,
    long heldBackNs,
    int queueSize,
    int queueCapacity,
    long batches,
    long refusals,
    long forces,
    long appliedPosition,
    long durablePosition,
    PipelineAnomalies anomalies,
    @Nullable WalPosition completeThrough) {

  /** What a pipeline is doing. */
  public enum Status {
    /** It takes events. */
    RUNNING,
    /** The store has no space: events wait in the ring until it returns. */
    HELD_BACK,
    /** It takes and acknowledges nothing any more: close the store and open it again. */
    FAILED,
    /** It was closed. */
    CLOSED
  }
}
