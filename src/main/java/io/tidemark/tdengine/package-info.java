/**
 * The storage engine TDengine: what its blocks are, event sources that read its WAL, its data files
 * or a subscription, and the scripts and runner for taosdump.
 */
@NullMarked
package io.tidemark.tdengine;

import org.jspecify.annotations.NullMarked;
