package io.tidemark.backup;

/**
 * A run that is whole in a backup.
 *
 * @param runId its name in the backup
 * @param plan what it copied
 * @param digest SHA-256 that proves it, in hexadecimal digits
 */
public record SealedRun(String runId, RunPlan plan, String digest) {}
