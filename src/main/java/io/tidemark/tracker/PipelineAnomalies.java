package io.tidemark.tracker;

/**
 * What of the events was not as one expects it of a storage engine. All of it was taken all the
 * same: an engine is always right.
 *
 * @param behind events below a WAL offset that was given before them: threads overtook each other,
 *     or a source repeats itself
 * @param late events at or below a WAL offset that had been declared complete before them:
 *     repeated, or a promise was broken, and answers that were given meanwhile lack them
 * @param createsOnDirty blocks of sealed segments that were created while they were DIRTY, since
 *     the store was opened, by whoever; of a segment counts what it makes of the state before it
 * @param updatesOnDeleted blocks of sealed segments that were changed after they were DELETED, the
 *     same way
 */
public record PipelineAnomalies(
    long behind, long late, long createsOnDirty, long updatesOnDeleted) {}
