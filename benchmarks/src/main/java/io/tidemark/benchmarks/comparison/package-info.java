/** One workload over Tidemark and over what one would use in its place, with the same answers. */
@NullMarked
package io.tidemark.benchmarks.comparison;

import org.jspecify.annotations.NullMarked;
