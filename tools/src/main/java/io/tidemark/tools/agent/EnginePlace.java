package io.tidemark.tools.agent;

import io.tidemark.ingest.EmbeddedLogTail;
import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.restore.NewEngineTarget;
import io.tidemark.storage.Directories;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.tdengine.EngineLog;
import io.tidemark.tdengine.FollowedLog;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalHeadroom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An embedded engine, which another process may have open: read by the files of its log. */
record EnginePlace(Path directory) implements LogPlace {
  private static final String SOURCE = "embedded";

  /** Sets its store apart from those of vnodes. */
  private static final String PREFIX = "engine-";

  /** Returns whether a configuration wants engines followed, and no vnodes. */
  static boolean areWanted(Configuration configuration) {
    return configuration.text(ConfigurationKeys.SOURCE).equals(SOURCE);
  }

  /** Returns the engines that a configuration wants followed. */
  static List<EnginePlace> find(Configuration configuration, List<String> troubles)
      throws IOException {
    String root = configuration.text(ConfigurationKeys.ENGINE_DIRECTORY);
    if (root.isEmpty()) {
      troubles.add(
          "no directory of engines is named: path=" + ConfigurationKeys.ENGINE_DIRECTORY.path());
      return List.of();
    }
    List<EnginePlace> found = new ArrayList<>();
    if (isEngine(Path.of(root))) {
      found.add(new EnginePlace(Path.of(root)));
      return found;
    }
    if (!Files.isDirectory(Path.of(root))) {
      troubles.add("directory of engines does not exist: directory=" + root);
      return List.of();
    }
    for (Path child : Directories.list(Path.of(root))) {
      boolean isBuilt = !child.toString().endsWith(NewEngineTarget.TEMPORARY_SUFFIX);
      if (isBuilt && Files.isDirectory(child) && isEngine(child)) {
        found.add(new EnginePlace(child));
      }
    }
    return found;
  }

  private static boolean isEngine(Path directory) throws IOException {
    return EmbeddedLogTail.isEngine(FileStorageIO.INSTANCE, directory);
  }

  @Override
  public String name() {
    return PREFIX + directory.toAbsolutePath().normalize().getFileName();
  }

  @Override
  public Path logDirectory() {
    return directory.resolve("wal");
  }

  @Override
  public @Nullable VnodeDirectory vnode() {
    return null;
  }

  @Override
  public Map<String, String> labels() {
    return EngineLog.labels(directory);
  }

  @Override
  public boolean isWanted(Configuration configuration) {
    Path root = Path.of(configuration.text(ConfigurationKeys.ENGINE_DIRECTORY));
    return areWanted(configuration)
        && (directory.equals(root) || root.equals(directory.getParent()));
  }

  @Override
  public String source(Configuration configuration) {
    return SOURCE;
  }

  @Override
  public String wayOf(Configuration configuration) {
    return SOURCE;
  }

  @Override
  public FollowedLog log(Configuration configuration) {
    return new EngineLog(FileStorageIO.INSTANCE, directory);
  }

  /** Does nothing: the log's files belong to who reads them. */
  @Override
  public void release() {}

  @Override
  public WalHeadroom headroom(long nextVersion, long nowMs) throws IOException {
    return new EngineLog(FileStorageIO.INSTANCE, directory).headroom(nextVersion, nowMs);
  }
}
