package io.tidemark.tdengine;

import io.tidemark.tdengine.VnodeDirectoryException.Reason;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * The directory of one vnode in a TDengine data directory.
 *
 * @param path the directory, {@code vnode<vgroup id>}
 */
public record VnodeDirectory(Path path) {
  private static final String VNODE = "vnode";
  private static final String DATA = "data";
  private static final String WAL = "wal";
  private static final String TSDB = "tsdb";
  private static final int VGROUP_DIGITS_MAX = 9;

  /** Returns where its WAL lies. */
  public Path walDirectory() {
    return path.resolve(WAL);
  }

  /** Returns where its data files lie. */
  public Path dataFileDirectory() {
    return path.resolve(TSDB);
  }

  /** Returns its vnode.json. */
  public Path configFile() {
    return path.resolve(VnodeConfig.FILE_NAME);
  }

  /** Reads its vnode.json. */
  public VnodeConfig config() throws IOException, WalDecodeException {
    return VnodeConfig.read(configFile());
  }

  /**
   * Finds the vnodes of a data directory, ordered by vgroup id.
   *
   * @param dataDirectory one vnode itself, or a directory that holds {@code vnode<id>}, {@code
   *     vnode/vnode<id>} or {@code data/vnode/vnode<id>}; the first that holds any counts
   * @throws VnodeDirectoryException if there is nothing to read, saying why
   */
  public static List<VnodeDirectory> find(Path dataDirectory) throws IOException {
    checkReadable(dataDirectory);
    if (isVnode(dataDirectory)) {
      return List.of(new VnodeDirectory(dataDirectory));
    }
    for (final Path candidate : candidates(dataDirectory)) {
      if (Files.isDirectory(candidate)) {
        checkReadable(candidate);
        final List<VnodeDirectory> found = vnodesIn(candidate);
        if (!found.isEmpty()) {
          return found;
        }
      }
    }
    throw new VnodeDirectoryException(
        Reason.NO_VNODE, "directory holds no vnode: directory=" + dataDirectory);
  }

  /**
   * Finds the vnodes of a data directory of a running server, which may be creating or deleting
   * some; none is no error.
   *
   * @param dataDirectory as for {@link #find}
   * @param unusable told of each vnode that cannot be used now, and why; it is not in the result
   * @throws VnodeDirectoryException if the data directory itself cannot be read
   */
  public static List<VnodeDirectory> findUsable(
      Path dataDirectory, Consumer<VnodeDirectoryException> unusable) throws IOException {
    checkReadable(dataDirectory);
    if (isVnodeName(dataDirectory)) {
      return usable(dataDirectory, unusable)
          ? List.of(new VnodeDirectory(dataDirectory))
          : List.of();
    }
    for (final Path candidate : candidates(dataDirectory)) {
      if (Files.isDirectory(candidate)) {
        final List<Path> vnodes = vnodePathsIn(candidate);
        if (!vnodes.isEmpty()) {
          return vnodes.stream()
              .filter(vnode -> usable(vnode, unusable))
              .map(VnodeDirectory::new)
              .toList();
        }
      }
    }
    return List.of();
  }

  private static List<Path> candidates(Path dataDirectory) {
    return List.of(
        dataDirectory, dataDirectory.resolve(VNODE), dataDirectory.resolve(DATA).resolve(VNODE));
  }

  private static boolean usable(Path vnode, Consumer<VnodeDirectoryException> unusable) {
    try {
      checkReadable(vnode);
      checkComplete(vnode);
      return true;
    } catch (VnodeDirectoryException e) {
      unusable.accept(e);
      return false;
    }
  }

  private static List<VnodeDirectory> vnodesIn(Path directory) throws IOException {
    final List<VnodeDirectory> found = new ArrayList<>();
    for (final Path vnode : vnodePathsIn(directory)) {
      checkReadable(vnode);
      checkComplete(vnode);
      found.add(new VnodeDirectory(vnode));
    }
    return List.copyOf(found);
  }

  /** Returns the directories whose names are those of vnodes, ordered by vgroup id. */
  private static List<Path> vnodePathsIn(Path directory) throws IOException {
    final List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, VNODE + "*")) {
      for (final Path entry : entries) {
        if (isVnodeName(entry) && Files.isDirectory(entry)) {
          found.add(entry);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    found.sort(Comparator.comparingInt(VnodeDirectory::vgroupIdOfName));
    return found;
  }

  private static boolean isVnode(Path directory) throws VnodeDirectoryException {
    final boolean hasConfig = Files.isRegularFile(directory.resolve(VnodeConfig.FILE_NAME));
    final boolean hasWal = Files.isDirectory(directory.resolve(WAL));
    if (!hasConfig && !hasWal && !isVnodeName(directory)) {
      return false;
    }
    checkComplete(directory);
    return true;
  }

  private static boolean isVnodeName(Path directory) {
    final String name = String.valueOf(directory.getFileName());
    return name.length() > VNODE.length()
        && name.length() <= VNODE.length() + VGROUP_DIGITS_MAX
        && name.startsWith(VNODE)
        && name.substring(VNODE.length()).chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static int vgroupIdOfName(Path vnode) {
    return Integer.parseInt(String.valueOf(vnode.getFileName()).substring(VNODE.length()));
  }

  private static void checkComplete(Path vnode) throws VnodeDirectoryException {
    final Path wal = vnode.resolve(WAL);
    if (!Files.isRegularFile(vnode.resolve(VnodeConfig.FILE_NAME))) {
      throw incomplete(VnodeConfig.FILE_NAME, vnode);
    }
    if (!Files.isDirectory(wal)) {
      throw incomplete(WAL, vnode);
    }
    checkReadable(wal);
  }

  private static VnodeDirectoryException incomplete(String missing, Path vnode) {
    return new VnodeDirectoryException(
        Reason.INCOMPLETE_VNODE,
        "vnode is incomplete: missing=" + missing + ", directory=" + vnode);
  }

  private static void checkReadable(Path directory) throws VnodeDirectoryException {
    if (Files.notExists(directory)) {
      throw new VnodeDirectoryException(
          Reason.MISSING, "directory does not exist: directory=" + directory);
    }
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new VnodeDirectoryException(
          Reason.NOT_A_DIRECTORY, "not a directory: file=" + directory);
    }
    if (!Files.isReadable(directory) || !Files.isExecutable(directory)) {
      throw new VnodeDirectoryException(
          Reason.NO_PERMISSION, "no permission to read: directory=" + directory);
    }
  }
}
