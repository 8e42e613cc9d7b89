/** How far a follower of a log is behind its writer, and what following costs. */
@NullMarked
package io.tidemark.benchmarks.follow;

import org.jspecify.annotations.NullMarked;
