package io.tidemark.tdengine.tmq;

/**
 * Where a consumer stands in one vgroup.
 *
 * @param begin oldest version that the server still has
 * @param next the version that it asks for next
 * @param end version behind the last
 */
public record TopicPlace(long begin, long next, long end) {}
