/**
 * Reads the data files of a vnode: which versions of which table lie in which file set, and what
 * was deleted. Reads only; stable while the server commits.
 */
@NullMarked
package io.tidemark.tdengine.tsdb;

import org.jspecify.annotations.NullMarked;
