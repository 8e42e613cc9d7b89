/**
 * Images: snapshots, the mapped bitmaps of all block states at one journal position, and
 * checkpoints, which publish a snapshot with the segments and the journal position that belong to
 * it.
 */
@NullMarked
package io.tidemark.snapshot;

import org.jspecify.annotations.NullMarked;
