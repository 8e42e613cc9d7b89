/**
 * Counters and gauges of a store, kept in a mapped file so that another process reads them at no
 * cost to the writer, with their names, units and alarm thresholds.
 */
@NullMarked
package io.tidemark.metrics;

import org.jspecify.annotations.NullMarked;
