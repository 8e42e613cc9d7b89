/**
 * The way in from the storage engine: event sources, the off-heap ring that producers fill and the
 * one writer thread drains, back-pressure, and delivery of applied events to listeners.
 */
@NullMarked
package io.tidemark.ingest;

import org.jspecify.annotations.NullMarked;
