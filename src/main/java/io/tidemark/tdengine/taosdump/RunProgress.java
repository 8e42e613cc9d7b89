package io.tidemark.tdengine.taosdump;

/**
 * How far a run is.
 *
 * @param callsDone of this run and those before it
 * @param calls in all
 * @param rows copied so far by this run and those before it
 * @param elapsedMs since this run began
 * @param remainingMs estimate, by the calls this run made; −1 as long as it made none
 */
public record RunProgress(int callsDone, int calls, long rows, long elapsedMs, long remainingMs) {}
