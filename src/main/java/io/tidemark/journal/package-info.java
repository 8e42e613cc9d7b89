/**
 * The change journal: the durable, ordered, bounded record of every accepted event and control
 * record. It is the truth after the last checkpoint; all later packages hold what can be derived
 * from it.
 */
@NullMarked
package io.tidemark.journal;

import org.jspecify.annotations.NullMarked;
