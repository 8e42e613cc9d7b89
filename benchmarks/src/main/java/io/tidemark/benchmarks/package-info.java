/** Measurements of the library and comparisons with other stores. */
@NullMarked
package io.tidemark.benchmarks;

import org.jspecify.annotations.NullMarked;
