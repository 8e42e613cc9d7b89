package io.tidemark.tdengine.tsdb;

import io.tidemark.tdengine.FlatJson;
import io.tidemark.tdengine.WalDecodeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The data files that count, as current.json lists them.
 *
 * <p>The server replaces current.json as the last step of a commit; other files in the directory
 * are left over or not finished.
 */
final class CurrentFiles {
  static final String FILE_NAME = "current.json";

  private static final int FORMAT = 1;
  private static final long LENGTH_MAX = 1L << 50;

  private final Path file;
  private final FlatJson json;
  private final int vgroupId;

  private CurrentFiles(Path file, FlatJson json, int vgroupId) {
    this.file = file;
    this.json = json;
    this.vgroupId = vgroupId;
  }

  /**
   * Reads a current.json.
   *
   * @throws TsdbFormatException if it is malformed, or names files that are not here
   */
  static List<TsdbFileSet> read(Path directory, int vgroupId) throws IOException {
    Path file = directory.resolve(FILE_NAME);
    try {
      return new CurrentFiles(file, FlatJson.read(file), vgroupId).fileSets();
    } catch (WalDecodeException e) {
      throw new TsdbFormatException("malformed data file: " + e.getMessage(), e);
    }
  }

  private List<TsdbFileSet> fileSets() throws WalDecodeException, TsdbFormatException {
    long format = json.number("fmtv");
    if (format != FORMAT) {
      throw place()
          .unsupported("another format", "name=fmtv, expected=" + FORMAT + ", actual=" + format);
    }
    List<TsdbFileSet> sets = new ArrayList<>();
    for (int i = 0; json.has("fset[" + i + "].fid"); i++) {
      TsdbFileSet set = fileSet("fset[" + i + "].");
      if (!sets.isEmpty() && sets.get(sets.size() - 1).number() >= set.number()) {
        throw place().malformed("file sets are not in order", "fid=" + set.number());
      }
      sets.add(set);
    }
    return List.copyOf(sets);
  }

  private TsdbFileSet fileSet(String path) throws WalDecodeException, TsdbFormatException {
    long number = json.number(path + "fid");
    TsdbFile head = optional(path + "head.", number, "head");
    TsdbFile data = optional(path + "data.", number, "data");
    if ((head == null) != (data == null)) {
      throw place().malformed("head and data do not go without each other", "fid=" + number);
    }
    List<TsdbFile> stt = new ArrayList<>();
    for (int level = 0; json.has(path + "stt lvl[" + level + "].level"); level++) {
      String files = path + "stt lvl[" + level + "].files[";
      for (int i = 0; json.has(files + i + "].cid"); i++) {
        stt.add(file(files + i + "].", number, "stt"));
      }
    }
    String committed = path + "last commit";
    return new TsdbFileSet(
        number,
        head,
        data,
        optional(path + "tomb.", number, "tomb"),
        stt,
        json.has(committed) ? json.number(committed) : 0);
  }

  private @Nullable TsdbFile optional(String path, long fileSet, String suffix)
      throws WalDecodeException, TsdbFormatException {
    return json.has(path + "cid") ? file(path, fileSet, suffix) : null;
  }

  private TsdbFile file(String path, long fileSet, String suffix)
      throws WalDecodeException, TsdbFormatException {
    long commitId = json.number(path + "cid");
    long migration = json.number(path + "mid");
    long length = json.number(path + "size");
    if (json.number(path + "did.level") != 0 || json.number(path + "did.id") != 0) {
      throw place()
          .unsupported(
              "file lies on another disk",
              "fid="
                  + fileSet
                  + ", level="
                  + json.number(path + "did.level")
                  + ", disk="
                  + json.number(path + "did.id"));
    }
    if (json.number(path + "fid") != fileSet || length < 0 || length > LENGTH_MAX) {
      throw place()
          .malformed(
              "impossible file",
              "name=" + path + ", fid=" + json.number(path + "fid") + ", size=" + length);
    }
    String name =
        "v"
            + vgroupId
            + "f"
            + fileSet
            + "ver"
            + commitId
            + (migration == 0 ? "" : ".m" + migration)
            + "."
            + suffix;
    return new TsdbFile(
        file.resolveSibling(name),
        commitId,
        length,
        json.number(path + "minVer"),
        json.number(path + "maxVer"));
  }

  private FilePlace place() {
    return new FilePlace(file, 0);
  }
}
