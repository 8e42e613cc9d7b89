package io.tidemark.tracker;

/**
 * Where the next page of a long answer begins: opaque to callers, three numbers to pass around.
 *
 * @param epoch opening of the store that gave the answer
 * @param lease what holds the answer
 * @param next index of the page's first block in the answer
 */
public record PageCursor(long epoch, long lease, int next) {}
