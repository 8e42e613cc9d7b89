package io.tidemark.tdengine;

import io.tidemark.tracker.ChangeTracker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A log that can be followed into a store: which one it is, what opens a reader of it, and how long
 * what was not read is kept.
 *
 * <p>Each call looks anew.
 */
public interface FollowedLog {

  /**
   * Returns which log it is, in words that never change.
   *
   * @throws WalDecodeException if what describes the log cannot be understood
   */
  String shard() throws IOException, WalDecodeException;

  /** Returns the labels of its metrics. */
  Map<String, String> labels() throws IOException, WalDecodeException;

  /**
   * Opens what reads it, behind what a tracker's store has delivered.
   *
   * @throws WalDecodeException if there is nothing that can be read
   */
  VgroupSource open(ChangeTracker tracker) throws IOException, WalDecodeException;

  /** Keeps in its store what whoever has the store alone has to know of the log. */
  default void describeIn(Path store, long storeId) throws IOException {
    // Where nothing is said of it, there is nothing to know.
  }

  /**
   * Returns how far a reader is behind, and how long that is kept; for showing only.
   *
   * @param nextVersion the version that is due to be read
   * @param nowMs ms since the epoch
   */
  WalHeadroom headroom(long nextVersion, long nowMs) throws IOException, WalDecodeException;
}
