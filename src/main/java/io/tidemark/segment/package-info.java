/**
 * History: the open segment, which folds the newest journal records in memory, and the immutable
 * change segments, merged levels and base that say which blocks changed in which interval, where
 * and when.
 */
@NullMarked
package io.tidemark.segment;

import org.jspecify.annotations.NullMarked;
