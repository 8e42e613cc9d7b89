package io.tidemark.tdengine.taosdump;

/**
 * Rows of one table that a restore deletes before it loads anything.
 *
 * @param table the table's name
 * @param period their timestamps
 */
public record DeletedRows(String table, Period period) {}
