/**
 * Views of what is known about each block now: the bitmaps of block states and the metadata map
 * with the last change of each block. Views can be deleted and rebuilt from journal and segments
 * with the same answers.
 */
@NullMarked
package io.tidemark.state;

import org.jspecify.annotations.NullMarked;
