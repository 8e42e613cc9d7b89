package io.tidemark.plugin;

import io.tidemark.backup.BackupProgress;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.BackupResult;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A backup of one engine behind the specification's plugin interface.
 *
 * <pre>
 *  made --init--> initialised --start--> started --stop--> initialised --shutdown--> ended
 * </pre>
 *
 * <p>Questions are answered from initialisation on, runs are taken, verified and restored only
 * while it is started. A call at another time is refused with a {@code PluginException} and does
 * nothing. Failures have the codes of the C interface ({@link PluginErrors}). Thread-safe.
 */
public interface BackupPlugin extends TaosxInterface {

  /** The version of this interface; a host loads plugins of its own version only. */
  int API_VERSION = 1;

  /**
   * Takes what the plugin works with: {@code init}.
   *
   * @throws io.tidemark.errors.ConfigurationException if the configuration cannot be used
   */
  void init(PluginContext context) throws IOException;

  /** Begins to take runs; commits those that were sealed before a crash. */
  void start() throws IOException;

  /** Takes no more runs; those that are being taken are cancelled and can be resumed. */
  void stop() throws IOException;

  /** Lets go of everything: {@code destroy}. Does nothing if it has already. */
  void shutdown() throws IOException;

  /**
   * Takes a run and commits it, after going on with one of the chain that was interrupted: {@code
   * export_blocks}.
   *
   * @throws io.tidemark.errors.FullBackupRequiredException if an incremental run would miss changes
   */
  BackupResult backup(BackupRequest request, BackupProgress.Listener listener) throws IOException;

  /**
   * Verifies every byte of a run and of those it needs.
   *
   * @param runId null for all runs
   * @throws io.tidemark.errors.MissingRunException if there is no such run
   */
  VerifyReport verify(@Nullable String runId) throws IOException;

  /**
   * Restores a run: {@code restore_blocks}. Everything is verified before the target is touched.
   *
   * @param target a directory that is new or empty; it becomes an engine wholly or not at all
   * @throws io.tidemark.errors.TargetRefusedException if the target cannot take it
   */
  RestoreReport restore(String runId, Path target) throws IOException;
}
