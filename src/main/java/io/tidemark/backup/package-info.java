/**
 * The plan of a backup: chains and their runs, the incremental set of a run with its verdict,
 * estimates, and the steps from preparing a run to committing it.
 */
@NullMarked
package io.tidemark.backup;

import org.jspecify.annotations.NullMarked;
