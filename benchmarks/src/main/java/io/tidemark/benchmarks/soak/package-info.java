/** A store under load for as long as one likes: does it grow, does it forget, does it err? */
@NullMarked
package io.tidemark.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
