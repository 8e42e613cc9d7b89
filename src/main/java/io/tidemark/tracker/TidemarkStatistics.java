package io.tidemark.tracker;

import java.util.List;

/**
 * What a store holds and what was done so far, each at a moment of its own.
 *
 * @param store its blocks, and what was declared of the log
 * @param pipeline the way of events into it
 * @param listeners those that are not closed
 */
public record TidemarkStatistics(
    EngineStatistics store, PipelineStatistics pipeline, List<ListenerStatistics> listeners) {}
