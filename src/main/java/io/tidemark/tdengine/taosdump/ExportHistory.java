package io.tidemark.tdengine.taosdump;

import io.tidemark.errors.MissingRunException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.storage.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The exports that lie in one directory: which of them are complete, and which have to be restored,
 * in which order, for one of them.
 *
 * <p>Immutable; an image of the moment at which it was read.
 */
public final class ExportHistory {

  /*
   * An export goes on with another one if for each vgroup it begins where that one ends: in the same
   * store's journal, at the cursor that the other moved. Where only some cursors were moved before a
   * process died, the next one copies the changes of the other vgroups again: it begins inside. Nothing but
   * the tasks has to agree; names of directories and clocks decide only between several that fit. A clock
   * may go back, so which of two is the later one their ends tell, where they are of the same stores.
   */

  /** How an export is. */
  public enum State {
    /** Everything was copied. */
    COMPLETE,
    /** Something is not copied yet: it can be gone on with. */
    UNFINISHED,
    /** What it was to copy cannot be read. */
    DAMAGED
  }

  /**
   * One export.
   *
   * @param directory where it is
   * @param task what it copies; null if that cannot be read
   * @param trouble why not; empty if it can
   */
  public record Export(Path directory, State state, @Nullable ExportTask task, String trouble) {

    /** Returns the name of its directory. */
    public String name() {
      return String.valueOf(directory.getFileName());
    }

    private long writtenMs() {
      return task == null ? Long.MIN_VALUE : task.writtenMs();
    }

    /**
     * Returns whether it is complete and copied what was asked for by hand: it goes on with none,
     * and none with it.
     */
    public boolean isAlone() {
      return state == State.COMPLETE && task != null && !task.isFull() && !task.movesCursors();
    }

    /** Whether it is complete, and full or known to go on with others. */
    private boolean isRestorable() {
      return state == State.COMPLETE && task != null && (task.isFull() || task.movesCursors());
    }
  }

  private final List<Export> exports;

  private ExportHistory(List<Export> exports) {
    this.exports = List.copyOf(exports);
  }

  /** Reads the exports in a directory; what is none is passed over. */
  public static ExportHistory of(Path root) throws IOException {
    List<Export> exports = new ArrayList<>();
    for (Path directory : Directories.list(root)) {
      Export export = Files.isDirectory(directory) ? read(directory) : null;
      if (export != null) {
        exports.add(export);
      }
    }
    exports.sort(Comparator.comparingLong(Export::writtenMs).thenComparing(Export::name));
    return new ExportHistory(ordered(exports));
  }

  /** Returns exports in order of time, but none behind one that goes further in the same stores. */
  private static List<Export> ordered(List<Export> byTime) {
    List<Export> ordered = new ArrayList<>();
    for (Export export : byTime) {
      int place = 0;
      while (place < ordered.size() && !goesFurther(ordered.get(place).task(), export.task())) {
        place++;
      }
      ordered.add(place, export);
    }
    return ordered;
  }

  /**
   * Whether an export ends behind another one, in every journal that both are of and that moved.
   */
  private static boolean goesFurther(@Nullable ExportTask task, @Nullable ExportTask before) {
    if (task == null
        || before == null
        || !task.movesCursors()
        || !before.movesCursors()
        || !task.chain().equals(before.chain())) {
      return false;
    }
    boolean isFurther = false;
    for (ExportTask.Interval one : task.intervals()) {
      for (ExportTask.Interval other : before.intervals()) {
        if (one.vgroupId() == other.vgroupId() && one.storeId() == other.storeId()) {
          if (one.end() < other.end()) {
            return false;
          }
          isFurther |= one.end() > other.end();
        }
      }
    }
    return isFurther;
  }

  private static @Nullable Export read(Path directory) throws IOException {
    try {
      ExportTask task = ExportTask.read(directory);
      if (task == null) {
        return null;
      }
      State state = ExportTask.isDone(directory) ? State.COMPLETE : State.UNFINISHED;
      return new Export(directory, state, task, "");
    } catch (TidemarkException e) {
      return new Export(directory, State.DAMAGED, null, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Returns all of them, in the order in which they follow one another in their stores' journals;
   * where those do not tell by the time at which they were planned. Damaged ones come first.
   */
  public List<Export> all() {
    return exports;
  }

  /**
   * Returns the newest that is complete, but for those that copy what was asked for by hand and go
   * on with none; null if there is none.
   */
  public @Nullable Export newest() {
    Export newest = null;
    for (Export export : exports) {
      newest = export.isRestorable() ? export : newest;
    }
    return newest;
  }

  /**
   * Returns what has to be restored for an export, in this order; itself comes last.
   *
   * @throws MissingRunException if an export is missing that it goes on with, or is not complete
   */
  public List<Export> restoreOrder(Export export) {
    List<Export> order = new ArrayList<>();
    Export next = export;
    while (next != null) {
      ExportTask task = next.task();
      if (task == null || next.state() != State.COMPLETE) {
        throw new MissingRunException("export is not complete: directory=" + next.directory());
      }
      order.add(0, next);
      next = task.isFull() ? null : before(next.name(), task);
    }
    return order;
  }

  /** Returns the complete export that one goes on with; null if it goes on with none. */
  private @Nullable Export before(String name, ExportTask task) {
    if (!task.movesCursors()) {
      throw new MissingRunException(
          "export stands alone, no chain knows what it goes on with: export=" + name);
    }
    if (task.intervals().stream().allMatch(interval -> interval.cursor() == 0)) {
      return null;
    }
    Export found = newestBefore(name, task, ExportHistory::meets);
    if (found == null) {
      found = newestBefore(name, task, ExportHistory::overlaps);
    }
    if (found == null) {
      throw new MissingRunException(
          "no complete export ends where this one begins: export="
              + name
              + ", begins="
              + task.intervals());
    }
    return found;
  }

  private @Nullable Export newestBefore(
      String name, ExportTask task, BiPredicate<ExportTask.Interval, ExportTask.Interval> fits) {
    Export found = null;
    for (Export export : exports) {
      boolean isOther = export.state() == State.COMPLETE && !export.name().equals(name);
      found = isOther && isBefore(export.task(), task, fits) ? export : found;
    }
    return found;
  }

  private static boolean isBefore(
      @Nullable ExportTask task,
      ExportTask next,
      BiPredicate<ExportTask.Interval, ExportTask.Interval> fits) {
    if (task == null || !task.movesCursors() || !task.chain().equals(next.chain())) {
      return false;
    }
    // An incremental one of nothing ends where it begins, and one that was done again where the
    // other
    // did: they would go on with one another for ever.
    boolean isStep = isOfSomething(task) && !(isOfSomething(next) && ends(task).equals(ends(next)));
    return (task.isFull() || isStep)
        && next.intervals().stream()
            .filter(interval -> interval.cursor() > 0)
            .allMatch(
                interval ->
                    task.intervals().stream()
                        .anyMatch(
                            one ->
                                one.vgroupId() == interval.vgroupId()
                                    && one.storeId() == interval.storeId()
                                    && fits.test(one, interval)));
  }

  private static boolean isOfSomething(ExportTask task) {
    return task.intervals().stream().anyMatch(one -> one.end() > one.cursor());
  }

  private static Map<Integer, Long> ends(ExportTask task) {
    Map<Integer, Long> ends = new HashMap<>();
    task.intervals().forEach(interval -> ends.put(interval.vgroupId(), interval.end()));
    return ends;
  }

  private static boolean meets(ExportTask.Interval one, ExportTask.Interval next) {
    return one.end() == next.cursor();
  }

  /** Whether the next one copies the end again: whoever acknowledged this one died on the way. */
  private static boolean overlaps(ExportTask.Interval one, ExportTask.Interval next) {
    return one.cursor() <= next.cursor() && next.cursor() <= one.end() && one.end() <= next.end();
  }

  /**
   * Returns what nobody needs who restores one of the newest complete exports: older complete ones,
   * and unfinished ones that were planned before the newest complete one. Damaged ones, and those
   * that go on with none, are left to people.
   *
   * @param keep how many of the newest complete ones can still be restored; 1 at least
   * @throws MissingRunException if one of those cannot be restored: nothing should be deleted then
   */
  public List<Export> superfluous(int keep) {
    if (keep < 1) {
      throw new IllegalArgumentException("keep too few exports: keep=" + keep + ", min=1");
    }
    Set<Export> needed = new LinkedHashSet<>();
    Export newest = newest();
    int kept = 0;
    for (int i = exports.size() - 1; i >= 0; i--) {
      Export export = exports.get(i);
      if (export.isRestorable() && kept < keep) {
        needed.addAll(restoreOrder(export));
        kept++;
      }
    }
    List<Export> superfluous = new ArrayList<>();
    int older = newest == null ? 0 : exports.indexOf(newest);
    for (Export export : exports.subList(0, older)) {
      boolean isOurs = export.isRestorable() || export.state() == State.UNFINISHED;
      if (isOurs && !needed.contains(export)) {
        superfluous.add(export);
      }
    }
    return superfluous;
  }
}
