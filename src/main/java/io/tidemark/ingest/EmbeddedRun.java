package io.tidemark.ingest;

import io.tidemark.errors.CorruptFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The data files that one flush wrote, in order of ids.
 *
 * <p>Immutable and thread-safe; readers may go on while the files are deleted.
 */
final class EmbeddedRun {
  private final EmbeddedManifest.Run named;
  private final List<EmbeddedDataFile> files;

  private EmbeddedRun(EmbeddedManifest.Run named, List<EmbeddedDataFile> files) {
    this.named = named;
    this.files = files;
  }

  /** Maps the files of a run and checks their rows. */
  static EmbeddedRun open(EmbeddedDirectory directory, long engineId, EmbeddedManifest.Run named)
      throws IOException {
    List<EmbeddedDataFile> files = new ArrayList<>();
    for (EmbeddedManifest.DataFile file : named.files()) {
      files.add(
          EmbeddedDataFile.open(directory.io(), directory.data(file.number()), engineId, file));
    }
    return new EmbeddedRun(named, files);
  }

  /** Returns what the manifest says of it. */
  EmbeddedManifest.Run named() {
    return named;
  }

  /** Returns the file whose rows may hold a block; null if none does. */
  private @Nullable EmbeddedDataFile fileOf(long blockId) {
    EmbeddedDataFile found = null;
    int low = 0;
    int high = files.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      EmbeddedDataFile file = files.get(middle);
      if (Long.compareUnsigned(file.blockId(0), blockId) <= 0) {
        found = file;
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return found;
  }

  /** Returns the row of a block; null if the run says nothing of it. */
  @Nullable Rows row(long blockId) {
    EmbeddedDataFile file = fileOf(blockId);
    if (file == null) {
      return null;
    }
    int row = file.floorRow(blockId);
    return file.blockId(row) == blockId ? new Rows(List.of(file), row) : null;
  }

  /** Returns all rows, before the first. */
  EmbeddedRows rows() {
    return new Rows(files, -1);
  }

  /** A place among the rows of some files. */
  static final class Rows implements EmbeddedRows {
    private final List<EmbeddedDataFile> files;
    private int file;
    private int row;

    private Rows(List<EmbeddedDataFile> files, int row) {
      this.files = files;
      this.row = row;
    }

    @Override
    public boolean next() {
      row++;
      if (file < files.size() && row == files.get(file).rowCount()) {
        file++;
        row = 0;
      }
      return file < files.size();
    }

    @Override
    public long blockId() {
      return files.get(file).blockId(row);
    }

    @Override
    public int length() {
      return files.get(file).length(row);
    }

    /**
     * {@inheritDoc}
     *
     * @throws CorruptFileException if it is not what was written
     */
    @Override
    public ByteBuffer content() {
      return files.get(file).content(row);
    }
  }
}
