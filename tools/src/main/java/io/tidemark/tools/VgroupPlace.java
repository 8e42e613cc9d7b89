package io.tidemark.tools;

import io.tidemark.storage.Directories;
import io.tidemark.tdengine.StoredVnode;
import io.tidemark.tdengine.VnodeConfig;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A vgroup to ask: its store and, if there is one, its vnode.
 *
 * @param name of its directory
 * @param stores holds one store per vgroup
 * @param vnode null where there is the store alone, which is only read then
 * @param isLogRead whether the vnode's WAL is read into the store first
 */
record VgroupPlace(String name, Path stores, @Nullable VnodeDirectory vnode, boolean isLogRead) {
  private static final Pattern STORE_NAME = Pattern.compile("vnode(\\d{1,9})");
  private static final String IDENTITY = "STORE";

  /** Returns vnodes whose logs are read first. */
  static List<VgroupPlace> of(List<VnodeDirectory> vnodes, Path stores) {
    return vnodes.stream().map(vnode -> of(vnode, stores, true)).toList();
  }

  /** Returns vnodes whose stores are asked as they are, but may be written to. */
  static List<VgroupPlace> asTheyAre(List<VnodeDirectory> vnodes, Path stores) {
    return vnodes.stream().map(vnode -> of(vnode, stores, false)).toList();
  }

  private static VgroupPlace of(VnodeDirectory vnode, Path stores, boolean isLogRead) {
    String name = String.valueOf(vnode.path().toAbsolutePath().normalize().getFileName());
    return new VgroupPlace(name, stores, vnode, isLogRead);
  }

  /** Returns the stores of vgroups in a directory, ordered by vgroup. */
  static List<VgroupPlace> inStores(Path stores) throws IOException {
    List<VgroupPlace> found = new ArrayList<>();
    for (Path path : Directories.list(stores)) {
      String name = String.valueOf(path.getFileName());
      if (STORE_NAME.matcher(name).matches() && Files.exists(path.resolve(IDENTITY))) {
        found.add(new VgroupPlace(name, stores, null, false));
      }
    }
    found.sort(Comparator.comparingInt(place -> Integer.parseInt(place.name.substring(5))));
    return found;
  }

  /** Returns whether there is the store alone. */
  boolean isStoreAlone() {
    return vnode == null;
  }

  /** Returns the same vgroup, asked as its store is. */
  VgroupPlace asItIs() {
    return new VgroupPlace(name, stores, vnode, false);
  }

  /** Returns what its vnode.json says, or what its store remembers of that. */
  VnodeConfig config() throws IOException, WalDecodeException {
    return vnode == null ? StoredVnode.read(stores.resolve(name)) : vnode.config();
  }

  /** Returns its store's directory. */
  Path store() throws IOException, WalDecodeException {
    return stores.resolve(vnode == null ? name : "vnode" + vnode.config().vgroupId());
  }

  /** Returns the vnode whose log is to be read; null for none. */
  @Nullable VnodeDirectory log() {
    return isLogRead ? vnode : null;
  }
}
