/**
 * Reading an archive back: choosing the runs that lead to a point, verifying them, restoring them,
 * and combining or pruning chains.
 */
@NullMarked
package io.tidemark.restore;

import org.jspecify.annotations.NullMarked;
