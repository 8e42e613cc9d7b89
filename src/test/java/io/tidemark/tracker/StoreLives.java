package io.tidemark.tracker;

import io.tidemark.storage.Directories;
import io.tidemark.testing.PowerCutDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The lives of one store in {@link StoreProcess}es, as their parent remembers them. */
final class StoreLives {
  private static final int LIVES_PER_STORE = 8;

  /** The oracle looks at every entry for every question. */
  private static final int ENTRIES_PER_STORE = 8_000;

  private static final int VERIFICATIONS_PER_THOROUGH_ONE = 4;

  /** Of lives that did not look at the metadata map; to open it takes longer than all the rest. */
  private static final int LOOKS_PER_METADATA_LOOK = 4;

  private final Random random;
  private final List<Long> lives = new ArrayList<>();
  private StoreHistory history = new StoreHistory();
  private int number = 1;
  private int withHoles;
  private int withMetadata;
  private long entriesLost;

  StoreLives(Random random) {
    this.random = random;
  }

  /** Returns the name of the present store. */
  String name() {
    return "store" + number;
  }

  /** Draws the next life of the present store. */
  StoreLife.Orders next(Path store, Path ledger, boolean looksAtMetadata, int maxPauseUs) {
    return new StoreLife.Orders(
        store, ledger, looksAtMetadata, maxPauseUs, random.nextLong(), List.copyOf(lives));
  }

  /**
   * Holds what a life left of the store against everything that was submitted; the store itself
   * stays as it is, unless it is too old to go on.
   *
   * @param submitted journal position up to which entries were or were being appended
   * @param acknowledged journal position up to which they must be there
   * @param scratch where copies are made
   */
  void verify(StoreLife.Orders life, long submitted, long acknowledged, Path scratch)
      throws IOException, InterruptedException {
    long promised = Math.max(history.lastPosition(), acknowledged);
    new StoreScript(life.seed(), history).continueTo(submitted);
    copy(life.store(), scratch);
    StoreVerifier verifier = new StoreVerifier(scratch, history, promised, random);
    StoreVerifier.Outcome outcome =
        random.nextInt(VERIFICATIONS_PER_THOROUGH_ONE) == 0
            ? verifier.verifyThoroughly()
            : verifier.verify();
    Directories.deleteTree(scratch);
    entriesLost += history.lastPosition() - outcome.recovered().lastPosition();
    history = outcome.recovered();
    boolean hasMetadata = Files.exists(new StoreLayout(life.store()).metadata());
    boolean isAsked = life.looksAtMetadata() || random.nextInt(LOOKS_PER_METADATA_LOOK) == 0;
    if (hasMetadata && isAsked && !outcome.hasHoles()) {
      withMetadata++;
      copy(life.store(), scratch);
      verifier.verifyMetadata(history);
      Directories.deleteTree(scratch);
    }
    lives.add(life.seed());
    lives.add(history.lastPosition());
    withHoles += outcome.hasHoles() ? 1 : 0;
    if (outcome.hasHoles()
        || lives.size() >= 2 * LIVES_PER_STORE
        || history.lastPosition() >= ENTRIES_PER_STORE) {
      Directories.deleteTree(life.store());
      lives.clear();
      history = new StoreHistory();
      number++;
    }
  }

  private static void copy(Path store, Path to) throws IOException, InterruptedException {
    if (Files.exists(store)) {
      PowerCutDisk.copy(store, to);
    }
  }

  /** Returns how often entries in the middle were missing, and named. */
  int withHoles() {
    return withHoles;
  }

  /** Returns what was verified, for people. */
  static String summary(List<StoreLives> all) {
    return String.format(
        "%d stores, %d times with a metadata map, %d times with holes, %d entries not acknowledged"
            + " were lost",
        all.stream().mapToInt(lives -> lives.number).sum(),
        all.stream().mapToInt(lives -> lives.withMetadata).sum(),
        all.stream().mapToInt(lives -> lives.withHoles).sum(),
        all.stream().mapToLong(lives -> lives.entriesLost).sum());
  }
}
