package io.tidemark.state;

import io.tidemark.block.BlockMaxima;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.storage.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The metadata map on disk: Chronicle Map files, of any number of blocks.
 *
 * <p>Only the writer process opens it. Single thread. Opening the first file compiles classes and
 * takes seconds, so nothing that answers range or state questions goes through it; {@link #open}
 * itself only reads the stamp.
 */
public final class ChronicleMetadataMap implements MetadataMap {

  /*
   * Files. Each holds the groups of one interval of ids, and the intervals tile the whole range: the
   * leaves of a B+-tree whose one inner node is the list of files. A file that is full is split in
   * the middle into two new ones; but when ids only grow, the next file begins behind the last group
   * and nothing is moved. So neither the number of blocks nor their spread must be known before:
   * files are as many as the groups need, and a fold in id order goes through them one by one. A
   * bounded number is open, those used last.
   *
   * Trust. A mapped file that was being changed when the process or the machine died may hold any
   * mixture of its pages. So STAMP names the files that are as they were written, with the CRC of
   * the whole file, and the journal position through which everything is folded in. Before the first
   * change of a file after a stamp, STAMP is published without it. A file that STAMP does not name
   * is deleted when the map is opened; one whose bytes are not as STAMP says is dropped when it is
   * first used. What it held is lost, and folded again from the history when it is needed, for this
   * interval alone. Rows take in events in any order and twice, so it does not matter that the
   * history reaches further than the stamp, and what was folded after the stamp is folded again.
   *
   * Within a session each group has its own CRC, over its id too, checked whenever it is read.
   *
   * Invariants:
   *   the first file begins with group 0; first groups ascend
   *   a group is in the file of its interval or in none
   *   STAMP on the disk names no file that was changed after it was published
   */

  private static final String STAMP = "STAMP";

  private final Path stamp;
  private final long storeId;
  private final MaximaSource history;
  private final MetadataLimits limits;
  private final MetadataFiles files;
  private final ByteBuffer value;
  private final MetadataGroup group = new MetadataGroup();
  private @Nullable MaximaSource folding;
  private boolean isRebuilding;
  private long foldedThrough;

  /** Position of STAMP on the disk; 0 if there is none. */
  private long stampedThrough;

  /** Whether a file was changed since STAMP was published with all files. */
  private boolean isChanged;

  private int filesToLift = 1;

  private ChronicleMetadataMap(
      Path stamp,
      long storeId,
      MaximaSource history,
      MetadataLimits limits,
      MetadataFiles files,
      ByteBuffer value,
      long stampedThrough) {
    this.stamp = stamp;
    this.storeId = storeId;
    this.history = history;
    this.limits = limits;
    this.files = files;
    this.value = value;
    this.foldedThrough = stampedThrough;
    this.stampedThrough = stampedThrough;
  }

  /**
   * Opens the map: as it was stamped, or empty.
   *
   * @param history what damaged parts are folded from again
   * @throws io.tidemark.errors.ForeignFileException if it belongs to another store
   */
  public static ChronicleMetadataMap open(Path directory, long storeId, MaximaSource history)
      throws IOException {
    return open(directory, storeId, history, MetadataLimits.DEFAULT);
  }

  static ChronicleMetadataMap open(
      Path directory, long storeId, MaximaSource history, MetadataLimits limits)
      throws IOException {
    Files.createDirectories(directory);
    Path stampPath = directory.resolve(STAMP);
    MetadataStamp stamp = MetadataStamp.read(stampPath, storeId);
    ByteBuffer value = MetadataGroup.newBuffer();
    MetadataFiles files = new MetadataFiles(directory, limits.maxOpenFiles(), value, stamp.files());
    Set<Path> trusted = files.loseMissing();
    if (stamp.foldedThrough() > 0) {
      trusted.add(stampPath);
    }
    for (Path path : Directories.list(directory)) {
      if (!trusted.contains(path)) {
        Directories.deleteTree(path);
      }
    }
    return new ChronicleMetadataMap(
        stampPath, storeId, history, limits, files, value, stamp.foldedThrough());
  }

  @Override
  public long foldedThrough() {
    return foldedThrough;
  }

  @Override
  public void fold(long through, MaximaSource source) throws IOException {
    folding = source;
    try {
      GroupFold fold = new GroupFold();
      source.forEachMaxima(0, -1, fold::block);
      fold.finish();
      foldedThrough = Math.max(foldedThrough, through);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      folding = null;
    }
  }

  /** Folds blocks that come in id order, one group at a time. */
  private final class GroupFold {
    private @Nullable MetadataFile file;
    private @Nullable MetadataFile previous;
    private long groupId;
    private int storedLength;

    void block(long blockId, BlockMaxima maxima, long timestampNs) {
      long wanted = blockId >>> MetadataGroup.ID_BITS;
      if (file == null || wanted != groupId) {
        try {
          finish();
          begin(wanted);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      group.fold((int) blockId & (MetadataGroup.ROWS - 1), maxima, timestampNs);
    }

    private void begin(long wanted) throws IOException {
      MetadataFile target = fileForPut(wanted);
      int length = load(target, wanted);
      while (length < 0) {
        rebuild(target);
        target = fileForPut(wanted);
        length = load(target, wanted);
      }
      if (target != previous) {
        files.requireSpace();
        previous = target;
      }
      file = target;
      groupId = wanted;
      storedLength = length;
    }

    void finish() throws IOException {
      MetadataFile target = file;
      file = null;
      if (target != null) {
        put(target, groupId, storedLength);
        if (limits.isFull(target)) {
          split(target);
        }
      }
    }
  }

  /**
   * Unpacks a group of an open file; empty if the file does not hold it.
   *
   * @return its packed length, 0 if it is new, -1 if its bytes are not what was written
   */
  private int load(MetadataFile file, long groupId) {
    int length = file.groups().get(groupId);
    if (length == 0) {
      group.clear();
      return 0;
    }
    return group.decode(groupId, value, length) ? length : -1;
  }

  private void put(MetadataFile file, long groupId, int storedLength) throws IOException {
    lift(file);
    int length = group.encode(groupId, value);
    try {
      file.groups().put(groupId, length);
    } catch (RuntimeException | Error e) {
      files.lose(file);
      throw e;
    }
    file.onPut(
        groupId,
        storedLength == 0 ? 0 : ChronicleGroups.chunks(storedLength),
        ChronicleGroups.chunks(length));
  }

  /**
   * Takes a file off STAMP before it is changed. Folds go in id order, so with each file twice as
   * many of those behind it are taken off at once: a fold that touches all of them publishes a
   * handful of stamps.
   */
  private void lift(MetadataFile file) throws IOException {
    isChanged = true;
    file.onChanged();
    if (file.isStamped()) {
      List<MetadataFile> all = files.all();
      int from = files.indexOf(file.firstGroup());
      int to = Math.min(all.size(), from + filesToLift);
      all.subList(from, to).forEach(MetadataFile::onStampLifted);
      filesToLift = 2 * (to - from);
      new MetadataStamp(stampedThrough, all).publish(stamp, storeId);
    }
  }

  /**
   * Returns the open file a group is to be put into; a new one behind a file that is well filled.
   */
  private MetadataFile fileForPut(long groupId) throws IOException {
    MetadataFile file = fileForGet(groupId);
    if (file == null) {
      return files.create(groupId);
    }
    if (limits.isWellFilled(file) && groupId > file.lastGroup()) {
      return files.createFrom(groupId);
    }
    return file;
  }

  /** Returns the open file that would hold a group, null if nothing near it was folded in. */
  private @Nullable MetadataFile fileForGet(long groupId) throws IOException {
    MetadataFile file = files.of(groupId);
    if (file.isLost() || (!file.isOpen() && file.isSealed() && !files.isAsSealed(file))) {
      rebuild(file);
      file = files.of(groupId);
    }
    if (!file.hasFile()) {
      return null;
    }
    files.open(file);
    return file;
  }

  /** Replaces a file by two new ones with half of its groups each. */
  private void split(MetadataFile full) throws IOException {
    long[] ids = full.groups().groupIds();
    int middle = ids.length / 2;
    MetadataFile low = files.createApart(full.firstGroup());
    MetadataFile high = files.createApart(ids[middle]);
    boolean isDone = false;
    try {
      isDone = copyGroups(full, Arrays.copyOf(ids, middle), low);
      isDone &= copyGroups(full, Arrays.copyOfRange(ids, middle, ids.length), high);
    } finally {
      if (!isDone) {
        files.discard(low);
        files.discard(high);
      }
    }
    if (isDone) {
      files.replace(full, low, high);
      files.discard(full);
    } else {
      rebuild(full);
    }
  }

  /** Copies groups into an empty file; returns false if one is not what was written. */
  private boolean copyGroups(MetadataFile from, long[] ids, MetadataFile to) throws IOException {
    for (long id : ids) {
      if (load(from, id) <= 0) {
        return false;
      }
      put(to, id, 0);
    }
    return true;
  }

  /**
   * Drops a file, and folds all intervals whose rows are lost from the history again, in one pass.
   *
   * @throws CorruptFileException if what was just written is not what is read
   */
  private void rebuild(MetadataFile damaged) throws IOException {
    if (isRebuilding) {
      throw new CorruptFileException(
          "corrupt metadata map: damaged while it was rebuilt: stamp=" + stamp);
    }
    lift(damaged);
    files.lose(damaged);
    if (damaged.hasFile()) {
      files.discard(damaged);
    }
    GroupIntervals lost = files.lost();
    isRebuilding = true;
    boolean isDone = false;
    try {
      for (int i = 0; i < lost.size(); i++) {
        files.create(lost.first(i));
      }
      foldLost(lost);
      isDone = true;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      isRebuilding = false;
      for (int i = 0; i < lost.size() && !isDone; i++) {
        files.loseInterval(lost.first(i), lost.last(i));
      }
    }
  }

  private void foldLost(GroupIntervals lost) throws IOException {
    GroupFold fold = new GroupFold();
    ChangeSegment.MaximaHandler handler =
        (blockId, maxima, timestampNs) -> {
          if (lost.contains(blockId >>> MetadataGroup.ID_BITS)) {
            fold.block(blockId, maxima, timestampNs);
          }
        };
    long lastGroup = lost.last(lost.size() - 1);
    history.forEachMaxima(
        lost.first(0) << MetadataGroup.ID_BITS,
        (lastGroup << MetadataGroup.ID_BITS) + MetadataGroup.ROWS - 1,
        handler);
    MaximaSource current = folding;
    if (current != null) {
      current.forEachMaxima(0, -1, handler);
    }
    fold.finish();
  }

  @Override
  public boolean read(long blockId, MetadataRow row) throws IOException {
    long groupId = blockId >>> MetadataGroup.ID_BITS;
    MetadataFile file = fileForGet(groupId);
    int length = file == null ? 0 : load(file, groupId);
    while (length < 0 && file != null) {
      rebuild(file);
      file = fileForGet(groupId);
      length = file == null ? 0 : load(file, groupId);
    }
    if (length == 0) {
      row.reset();
      return false;
    }
    return group.read((int) blockId & (MetadataGroup.ROWS - 1), row);
  }

  @Override
  public void stamp() throws IOException {
    if (foldedThrough == 0 || (!isChanged && foldedThrough == stampedThrough)) {
      return;
    }
    for (MetadataFile file : files.all()) {
      if (file.hasFile() && !file.isSealed()) {
        files.seal(file);
      }
    }
    files.all().stream().filter(MetadataFile::hasFile).forEach(MetadataFile::onStamped);
    new MetadataStamp(foldedThrough, files.all()).publish(stamp, storeId);
    stampedThrough = foldedThrough;
    filesToLift = 1;
    isChanged = false;
  }

  @Override
  public void close() throws IOException {
    try {
      stamp();
    } finally {
      abandon();
    }
  }

  @Override
  public void abandon() {
    files.all().forEach(MetadataFile::close);
  }
}
