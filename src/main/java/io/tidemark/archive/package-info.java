/**
 * The written form of a backup: the directory of one run, its files, compressed and encrypted on
 * demand, and the manifest that lists and proves them.
 */
@NullMarked
package io.tidemark.archive;

import org.jspecify.annotations.NullMarked;
