/**
 * Reads a vgroup's rows from a topic, through the official JDBC driver where there is one. What a
 * topic hides is said in decision 13; here only rows are found, and whose they are.
 */
@NullMarked
package io.tidemark.tdengine.tmq;

import org.jspecify.annotations.NullMarked;
