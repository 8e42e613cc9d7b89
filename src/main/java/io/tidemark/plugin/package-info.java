/**
 * The outer interfaces: configuration, the backup plug-in contract, and the function table that C
 * programs load.
 */
@NullMarked
package io.tidemark.plugin;

import org.jspecify.annotations.NullMarked;
