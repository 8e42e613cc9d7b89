/**
 * Files: the common header of everything written to disk, mapped and forced files, atomic
 * publication under a final name, the store directory and the lock that makes its writer the only
 * one.
 */
@NullMarked
package io.tidemark.storage;

import org.jspecify.annotations.NullMarked;
