/** The process that stays: it follows all vnodes of a server and tells how it is. */
@NullMarked
package io.tidemark.tools.agent;

import org.jspecify.annotations.NullMarked;
