/**
 * The vocabulary: block ids, WAL offsets, generations and positions, events, the states of a block
 * and the rule that folds events into them, ranges and verdicts. Values and pure functions only;
 * nothing here touches a file or a thread.
 */
@NullMarked
package io.tidemark.block;

import org.jspecify.annotations.NullMarked;
