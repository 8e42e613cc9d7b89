package io.tidemark.tdengine.taosdump;

/**
 * A table or stable that a restore drops before it loads anything.
 *
 * @param isStable whether it is a stable, which goes with all of its tables
 */
public record DroppedObject(boolean isStable, String name) {}
