package io.tidemark.tdengine.tsdb;

import java.nio.file.Path;

/**
 * One data file as current.json lists it.
 *
 * @param path where it lies
 * @param commitId the commit that created it; {@code .data} is appended to by later ones
 * @param lengthBytes logical length, without checksums of pages
 * @param minVersion lowest WAL version in it
 * @param maxVersion highest WAL version in it
 */
public record TsdbFile(
    Path path, long commitId, long lengthBytes, long minVersion, long maxVersion) {}
