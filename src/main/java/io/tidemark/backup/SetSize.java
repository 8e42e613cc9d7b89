package io.tidemark.backup;

/**
 * How much there is to copy.
 *
 * @param blocks blocks, deleted ones too
 * @param bytes bytes of content, as the engine has them now
 */
public record SetSize(long blocks, long bytes) {}
