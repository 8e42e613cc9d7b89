package io.tidemark.tdengine.taosdump;

/**
 * What a call left that is done.
 *
 * @param call its number in the plan, from 1
 * @param rows how many it copied
 * @param isGone whether its object was dropped before it could be copied
 * @param lengthBytes bytes of the files taosdump wrote
 * @param sha256 of their names, lengths and contents, in hexadecimal digits
 */
public record CallResult(int call, long rows, boolean isGone, long lengthBytes, String sha256) {}
