/**
 * Exports and restores through taosdump: the plan of calls, the scripts and the runner that carry
 * it out, and the reading of what taosdump prints.
 */
@NullMarked
package io.tidemark.tdengine.taosdump;

import org.jspecify.annotations.NullMarked;
