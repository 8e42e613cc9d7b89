package io.tidemark.tracker;

import org.jspecify.annotations.Nullable;

/**
 * What became of the events of one listener.
 *
 * @param name as it was added
 * @param delivered calls that returned
 * @param failed calls that threw
 * @param missed journal positions it was told it missed
 * @param deliveredThrough journal position through which it was given everything there is for it
 * @param lag journal positions that are applied and that it is not through with
 * @param trouble what it, or reading the journal for it, failed with last; null for nothing
 */
public record ListenerStatistics(
    String name,
    long delivered,
    long failed,
    long missed,
    long deliveredThrough,
    long lag,
    @Nullable String trouble) {}
