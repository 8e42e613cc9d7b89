package io.tidemark.tracker;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.segment.Base;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.History;
import io.tidemark.segment.SegmentCheck;
import io.tidemark.snapshot.Snapshot;
import io.tidemark.state.BlockSets;
import io.tidemark.state.BlockStates;
import io.tidemark.state.Catalog;
import io.tidemark.state.SegmentHistory;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/**
 * Reads every byte of a store and checks every invariant that can be seen from outside; changes
 * nothing.
 *
 * <p>Used once. The metadata map is left out: only the writer may open it, and it checks its own
 * checksums when it reads.
 */
public final class StoreCheck {

  /** How bad a finding is. */
  public enum Severity {
    /** Worth knowing: the next opening deals with it. */
    NOTE,
    /** A view is damaged: it will be rebuilt, no answer changes. */
    VIEW,
    /** Truth is damaged: answers that need it are FULL_REQUIRED. */
    TRUTH
  }

  /**
   * One thing found.
   *
   * @param severity how bad it is
   * @param file where
   * @param message what, lower case
   */
  public record Finding(Severity severity, Path file, String message) {}

  /**
   * What a check came to.
   *
   * @param segments segments read
   * @param journalRecords intact journal records read
   * @param journalEntries entries in them
   * @param changes block changes read, one by one
   * @param findings what is wrong
   */
  public record Report(
      int segments,
      long journalRecords,
      long journalEntries,
      long changes,
      List<Finding> findings) {

    /** Copies the list. */
    public Report {
      findings = List.copyOf(findings);
    }

    /** Returns whether nothing worse than a note was found. */
    public boolean isClean() {
      return findings.stream().allMatch(finding -> finding.severity() == Severity.NOTE);
    }
  }

  /** What the file says is the business of who wrote it. */
  private static final int ANY_VERSION = 0xFFFF;

  private final StoreEnvironment environment;
  private final StorageIO io;
  private final StoreLayout layout;
  private final long storeId;
  private Base.Found base = new Base.Found(null, List.of());
  private final List<Finding> findings = new ArrayList<>();
  private long journalRecords;
  private long journalEntries;
  private long journalNext;
  private long changes;

  private StoreCheck(StoreEnvironment environment, StoreLayout layout, long storeId) {
    this.environment = environment;
    this.io = environment.io();
    this.layout = layout;
    this.storeId = storeId;
  }

  /**
   * Checks the store in a directory.
   *
   * @throws io.tidemark.errors.NotAStoreException if it holds none
   */
  public static Report run(Path root) throws IOException {
    return run(StoreEnvironment.REAL, root);
  }

  static Report run(StoreEnvironment environment, Path root) throws IOException {
    StoreIdentity identity = StoreIdentity.open(environment.io(), root);
    StoreCheck check = new StoreCheck(environment, new StoreLayout(root), identity.storeId());
    check.leftovers();
    check.description();
    check.journal();
    check.base = Base.openNewest(environment.io(), check.layout.base(), check.storeId, false);
    check.base.dropped().forEach(why -> check.find(Severity.TRUTH, check.layout.base(), why));
    List<ChangeSegment> segments = check.segments();
    check.checkpoints(segments, check.lastPosition(root));
    return new Report(
        segments.size(), check.journalRecords, check.journalEntries, check.changes, check.findings);
  }

  /** Opens the store and returns where it ends. */
  private long lastPosition(Path root) throws IOException {
    try {
      StoreImage image = StoreImage.load(environment, root);
      for (String lost : image.report().lost()) {
        find(Severity.TRUTH, root, "lost: " + lost);
      }
      return image.lastPosition();
    } catch (ForeignFileException e) {
      find(Severity.TRUTH, root, "cannot be opened: " + e.getMessage());
      return Long.MAX_VALUE;
    }
  }

  private void find(Severity severity, Path file, String message) {
    findings.add(new Finding(severity, file, message));
  }

  private void description() throws IOException {
    Path file = layout.vnode();
    if (io.exists(file)) {
      try {
        PublishedFile.open(io, file, FileType.VNODE, ANY_VERSION, storeId);
      } catch (CorruptFileException | ForeignFileException e) {
        find(Severity.VIEW, file, String.valueOf(e.getMessage()));
      }
    }
  }

  private void leftovers() throws IOException {
    for (Path directory :
        List.of(
            layout.root(),
            layout.segments(),
            layout.base(),
            layout.snapshots(),
            layout.catalogs())) {
      for (Path file : io.list(directory)) {
        if (file.getFileName().toString().endsWith(".tmp")) {
          find(Severity.NOTE, file, "never completed; deleted at the next opening");
        }
      }
    }
  }

  private void journal() throws IOException {
    JournalReplay replay = new JournalReplay(environment.journal(layout, storeId));
    replay.forEachRecord(
        0,
        Long.MAX_VALUE,
        record -> {
          if (journalNext != 0 && record.firstPosition() != journalNext) {
            find(
                Severity.NOTE,
                layout.journal(),
                "journal positions are missing: first="
                    + journalNext
                    + ", last="
                    + (record.firstPosition() - 1));
          }
          if (record.durableMark() >= record.firstPosition()) {
            find(
                Severity.TRUTH,
                layout.journal(),
                "durable mark is not below its record: mark="
                    + record.durableMark()
                    + ", first="
                    + record.firstPosition());
          }
          journalNext = record.lastPosition() + 1;
          journalRecords++;
          journalEntries += record.count();
        });
    if (replay.damagedRecords() > 0) {
      find(
          Severity.NOTE,
          layout.journal(),
          "journal records are cut or altered: count=" + replay.damagedRecords());
    }
  }

  private List<ChangeSegment> segments() throws IOException {
    List<ChangeSegment> intact = new ArrayList<>();
    for (Path file : io.list(layout.segments())) {
      OptionalLong first = StoreLayout.firstOfSegment(file);
      if (first.isEmpty()) {
        continue;
      }
      try {
        ChangeSegment segment = ChangeSegment.open(io, file, storeId);
        intact.add(segment);
        if (!file.equals(layout.segment(segment))) {
          find(Severity.TRUTH, file, "name and header tell other positions");
        }
        if (segment.hasEvents()) {
          changes += segment.eventCount();
          String difference = SegmentCheck.difference(segment);
          if (difference != null) {
            find(Severity.TRUTH, file, difference);
          }
        }
      } catch (CorruptFileException | ForeignFileException e) {
        find(Severity.TRUTH, file, String.valueOf(e.getMessage()));
      }
    }
    return intact;
  }

  private void checkpoints(List<ChangeSegment> segments, long lastPosition) throws IOException {
    for (Path file : StoreImage.checkpointFiles(io, layout)) {
      try {
        Checkpoint checkpoint = Checkpoint.open(io, file, storeId);
        for (Checkpoint.NamedFile named : checkpoint.files()) {
          if (!named.isThere(io, layout.root())) {
            find(Severity.VIEW, file, "names a file that is gone or altered: " + named.path());
          }
        }
        views(segments, checkpoint, lastPosition);
      } catch (CorruptFileException | ForeignFileException e) {
        find(Severity.VIEW, file, String.valueOf(e.getMessage()));
      }
    }
  }

  /** Folds everything below a checkpoint's views again and compares them. */
  private void views(List<ChangeSegment> segments, Checkpoint checkpoint, long lastPosition)
      throws IOException {
    String snapshot = checkpoint.pathOf(StoreLayout.SNAPSHOT_SUFFIX);
    if (snapshot != null && io.exists(layout.root().resolve(snapshot))) {
      snapshot(segments, layout.root().resolve(snapshot));
    }
    String catalog = checkpoint.pathOf(StoreLayout.CATALOG_SUFFIX);
    if (catalog != null && io.exists(layout.root().resolve(catalog))) {
      catalog(segments, layout.root().resolve(catalog));
    }
    if (lastPosition < checkpoint.position()) {
      find(
          Severity.TRUTH,
          layout.root(),
          "store ends before its checkpoint: checkpoint="
              + checkpoint.position()
              + ", last="
              + lastPosition);
    }
  }

  private void snapshot(List<ChangeSegment> all, Path file) throws IOException {
    long position = StoreLayout.ofSnapshot(file).orElse(0);
    History history = through(all, position);
    try {
      BlockStates stored = new BlockStates(BlockSets.ROARING, Snapshot.open(io, file, storeId));
      ControlView controls = new ControlView();
      history.forEachControl(controls);
      SegmentHistory states = new SegmentHistory(history, controls.chains().statesCursor());
      BlockStates folded = BlockStates.rebuild(BlockSets.ROARING, states);
      // An older snapshot may lie before a commit that let merging and the base pass its cursor.
      boolean isComparable = history.lastPosition() == position && history.endsAt(stored.cursor());
      if (isComparable && !stored.sameAs(folded)) {
        find(
            Severity.VIEW,
            file,
            "states are not the fold of the segments: stored=" + stored + ", folded=" + folded);
      }
    } catch (CorruptFileException | ForeignFileException e) {
      find(Severity.VIEW, file, String.valueOf(e.getMessage()));
    }
  }

  private void catalog(List<ChangeSegment> all, Path file) throws IOException {
    long position = StoreLayout.ofCatalog(file).orElse(0);
    History history = through(all, position);
    try {
      ControlView controls = new ControlView();
      history.forEachControl(controls);
      Catalog stored = Catalog.open(io, file, storeId);
      if (history.lastPosition() == position && !stored.sameAs(controls.catalog())) {
        find(Severity.VIEW, file, "names are not those the segments assign");
      }
    } catch (CorruptFileException | ForeignFileException e) {
      find(Severity.VIEW, file, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Returns the base and the longest adjoining segments that end at a position or before. A view
   * inside a segment, one that recovery cut otherwise, cannot be compared.
   */
  private History through(List<ChangeSegment> all, long position) {
    List<ChangeSegment> sorted = new ArrayList<>(all);
    sorted.sort(
        Comparator.comparingLong(ChangeSegment::firstPosition)
            .thenComparing(ChangeSegment::lastPosition, Comparator.reverseOrder()));
    List<ChangeSegment> chain = new ArrayList<>();
    Base bottom =
        base.base() != null && base.base().lastPosition() <= position ? base.base() : null;
    long next = bottom == null ? 1 : bottom.lastPosition() + 1;
    for (ChangeSegment segment : sorted) {
      if (segment.lastPosition() <= position && segment.lastPosition() >= next) {
        chain.add(segment);
        next = segment.lastPosition() + 1;
      }
    }
    return new History(bottom, chain);
  }
}
