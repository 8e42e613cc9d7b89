/**
 * The life of a store: opening and recovery, applying events, sealing, checkpointing, questions and
 * their verdicts, backup cursors, and orderly shutdown. This is what an embedding program talks to.
 */
@NullMarked
package io.tidemark.tracker;

import org.jspecify.annotations.NullMarked;
