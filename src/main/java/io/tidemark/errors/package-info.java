/**
 * Exceptions of the library, one type per decision a caller can make: retry, fall back, or give up.
 * Each carries the error code that the C interface returns for the same condition.
 */
@NullMarked
package io.tidemark.errors;

import org.jspecify.annotations.NullMarked;
