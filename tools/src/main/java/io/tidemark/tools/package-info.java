/** The command line: {@code incremental_bitmap_tool} and its commands. */
@NullMarked
package io.tidemark.tools;

import org.jspecify.annotations.NullMarked;
