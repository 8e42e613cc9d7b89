package io.tidemark.tracker;

/**
 * A closed interval of the engine's log that the source has declared complete.
 *
 * @param generation generation of the log
 * @param first first WAL offset, unsigned
 * @param last last WAL offset, unsigned
 */
public record CoveredInterval(int generation, long first, long last) {}
