package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.tidemark.block.BlockMetadata;
import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.testing.EntryLog;
import io.tidemark.testing.Event;
import io.tidemark.testing.Events;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Opens a store that was cut off and holds everything it says against what was appended to it. */
final class StoreVerifier {
  private static final int BASES = 6;
  private static final int MORE_STEPS = 12;

  private final StoreEnvironment store;
  private final Path root;
  private final StoreHistory submitted;
  private final long acknowledged;
  private final Random random;

  /**
   * Creates a verifier.
   *
   * @param store what the store stands on
   * @param submitted everything that was appended or was being appended
   * @param acknowledged journal position that was said to be durable
   * @param random draws the questions
   */
  StoreVerifier(
      StoreEnvironment store, Path root, StoreHistory submitted, long acknowledged, Random random) {
    this.store = store;
    this.root = root;
    this.submitted = submitted;
    this.acknowledged = acknowledged;
    this.random = random;
  }

  /** Creates a verifier of a store of real files. */
  StoreVerifier(Path root, StoreHistory submitted, long acknowledged, Random random) {
    this(StoreEnvironment.REAL, root, submitted, acknowledged, random);
  }

  /**
   * What was found.
   *
   * @param recovered what of the history is there
   * @param hasHoles whether entries in the middle are missing, and were named
   */
  record Outcome(StoreHistory recovered, boolean hasHoles) {}

  /** Opens the store once and asks it everything; it is left closed without a checkpoint. */
  Outcome verify() throws IOException {
    ChangeTracker tracker = ChangeTracker.open(store, root, StoreScript.SHARD, StoreScript.OPTIONS);
    try {
      return verify(tracker);
    } finally {
      tracker.abandon();
    }
  }

  /** Does the same, checks the files before and after, and goes on writing and opens again. */
  Outcome verifyThoroughly() throws IOException {
    List<StoreCheck.Finding> damage = damage();
    Outcome outcome = verify();
    if (outcome.hasHoles) {
      return outcome;
    }
    assertEquals(List.of(), damage, "before it was opened");
    assertEquals(List.of(), damage(), "after it was opened");
    assertEquals(List.of(), Rebuild.fromJournal(store, root).differences());

    StoreHistory longer = outcome.recovered.only(position -> true);
    StoreScript script = new StoreScript(random.nextLong(), longer);
    ChangeTracker tracker = ChangeTracker.open(store, root, StoreScript.SHARD, StoreScript.OPTIONS);
    try {
      for (int i = 0; i < MORE_STEPS; i++) {
        script.perform(script.next(), tracker);
      }
    } finally {
      tracker.abandon();
    }
    Outcome again = new StoreVerifier(store, root, longer, longer.lastPosition(), random).verify();
    assertFalse(again.hasHoles, "holes after it went on");
    assertEquals(List.of(), Rebuild.fromJournal(store, root).differences(), "after it went on");
    return outcome;
  }

  private List<StoreCheck.Finding> damage() throws IOException {
    if (!store.io().exists(new StoreLayout(root).store())) {
      return List.of();
    }
    return StoreCheck.run(store, root).findings().stream()
        .filter(finding -> finding.severity() == StoreCheck.Severity.TRUTH)
        .toList();
  }

  private Outcome verify(ChangeTracker tracker) throws IOException {
    List<ChangeSegment> segments = tracker.view().segments();
    BitSet positions = new BitSet();
    for (ChangeSegment segment : segments) {
      int first = Math.toIntExact(segment.firstPosition());
      int end = Math.toIntExact(segment.lastPosition()) + 1;
      assertTrue(positions.get(first, end).isEmpty(), "two segments hold a position from " + first);
      positions.set(first, end);
    }
    int last = Math.max(0, positions.length() - 1);
    boolean hasHoles = positions.cardinality() != last;
    String found = tracker.recovery().summary();
    assertTrue(
        last <= submitted.lastPosition(),
        () -> "invented: submitted=" + submitted.lastPosition() + ", last=" + last + "; " + found);
    int missing = positions.nextClearBit(1);
    if (missing <= acknowledged) {
      fail("lost: position=" + missing + ", acknowledged=" + acknowledged + "; " + found);
    }
    assertEquals(hasHoles, !tracker.recovery().lost().isEmpty(), found);

    StoreHistory recovered = submitted.only(position -> positions.get((int) position));
    verifyEntries(segments, recovered);
    verifyViews(tracker, recovered);
    StoreHistory truth = submitted.only(position -> position <= last);
    verifyAnswer(tracker.view().changedEver(), null, truth, recovered, hasHoles);
    for (int i = 0; i < BASES; i++) {
      int generation = 1 + random.nextInt(truth.generation());
      long end = Math.max(0, truth.completeThrough(generation));
      WalPosition base = new WalPosition(generation, random.nextInt((int) end + 3));
      verifyAnswer(tracker.view().changedAfter(base), base, truth, recovered, hasHoles);
    }
    if (!segments.isEmpty()) {
      long cursor = segments.get(random.nextInt(segments.size())).lastPosition();
      ChangeSet since = tracker.view().changedSince(cursor);
      assertEquals(
          recovered.only(position -> position > cursor).changedAfter(null),
          since.changes(),
          () -> "since journal position " + cursor);
      assertEquals(0, since.surplus(), () -> "since journal position " + cursor);
    }
    return new Outcome(recovered, hasHoles);
  }

  private static void verifyEntries(List<ChangeSegment> segments, StoreHistory recovered) {
    List<Event> changes = new ArrayList<>();
    for (ChangeSegment segment : segments) {
      changes.addAll(Events.of(segment));
    }
    // Merges join some declarations; joined as far as they can be, all are the same again.
    CoverRuns joined = new CoverRuns(Integer.MAX_VALUE);
    EntryLog controls = new EntryLog();
    joined.compact(
        handler -> segments.forEach(segment -> segment.forEachControl(handler)), controls);
    EntryLog expected = new EntryLog();
    joined.compact(recovered::forEachControl, expected);
    assertEquals(recovered.changes(), changes);
    assertEquals(expected.lines(), controls.lines());
  }

  private static void verifyViews(ChangeTracker tracker, StoreHistory recovered)
      throws IOException {
    Map<Long, String> names = new HashMap<>();
    for (long id : tracker.catalog().ids()) {
      byte[] name = tracker.catalog().name(id);
      names.put(id, name == null ? "" : new String(name, StandardCharsets.UTF_8));
    }
    assertEquals(recovered.names(), names);
    for (long id : names.keySet()) {
      assertTrue(tracker.nextBlockId() > id, "id would be given again: " + id);
    }
    recovered
        .cursors()
        .forEach(
            (chain, cursor) -> assertEquals(cursor, tracker.chains().chain(chain).cursor(), chain));
    assertEquals(
        recovered.preparedRun(Chains.DEFAULT), tracker.chains().chain(Chains.DEFAULT).prepared());
    Map<Long, Object> states = new HashMap<>();
    for (long id : recovered.blocks()) {
      states.put(id, tracker.state(id));
    }
    assertEquals(recovered.states(), states);
    assertEquals(states.size(), tracker.counts().known());
  }

  private static void verifyAnswer(
      ChangeSet answer,
      @Nullable WalPosition base,
      StoreHistory truth,
      StoreHistory recovered,
      boolean hasHoles) {
    String question = base == null ? "ever" : "after " + base;
    if (hasHoles) {
      if (answer.verdict() == Verdict.EXACT) {
        assertEquals(truth.changedAfter(base), answer.changes(), question);
      }
      return;
    }
    assertEquals(recovered.changedAfter(base), answer.changes(), question);
    assertEquals(
        recovered.holesAfter(base),
        answer.holes().stream()
            .map(hole -> new Hole(hole.generation(), hole.first(), hole.last(), ""))
            .toList(),
        question);
    assertEquals(recovered.verdictAfter(base), answer.verdict(), question);
    long through = recovered.completeThrough(recovered.generation());
    assertEquals(
        through < 0 ? null : new WalPosition(recovered.generation(), through),
        answer.completeThrough(),
        question);
  }

  /** Asks the metadata map about every block; opening it takes seconds the first time. */
  void verifyMetadata(StoreHistory recovered) throws IOException {
    try (ChangeTracker tracker =
        ChangeTracker.open(store, root, StoreScript.SHARD, StoreScript.OPTIONS)) {
      for (long id : recovered.blocks()) {
        StoreHistory.Entry last = recovered.lastChange(id);
        BlockMetadata metadata = tracker.metadata(id);
        if (last != null) {
          assertEquals(last.at(), metadata == null ? null : metadata.last(), "block " + id);
        }
      }
    }
  }
}
