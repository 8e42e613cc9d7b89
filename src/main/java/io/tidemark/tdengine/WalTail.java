package io.tidemark.tdengine;

import java.nio.file.Path;

/**
 * Bytes at the end of the newest segment that are no record: one still being written, or one torn
 * by a crash. Only time tells which.
 *
 * @param segmentFirstVersion first version of the segment
 * @param file the segment's file
 * @param offset where the bytes begin
 * @param lengthBytes how many there were when the reader looked
 * @param reason what is wrong with them
 */
public record WalTail(
    long segmentFirstVersion, Path file, long offset, long lengthBytes, String reason) {}
