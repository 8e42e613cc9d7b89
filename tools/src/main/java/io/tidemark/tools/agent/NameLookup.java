package io.tidemark.tools.agent;

import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.tdengine.RowFeed;
import io.tidemark.tdengine.VnodeFollower;
import io.tidemark.tdengine.tmq.TableDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Completes the names of one vgroup's tables from a server, beside its turns and a few at a time.
 *
 * <p>Called by the vgroup's turn. A server that cannot be asked costs nothing but the names: it is
 * asked again after the interval.
 */
final class NameLookup {
  private static final int TABLES_MAX = 500;

  /** Opens the directory of a server's tables. */
  @FunctionalInterface
  interface DirectoryOpener {
    TableDirectory open(Configuration configuration) throws IOException;
  }

  /** What a server said: the tables that it has, of those asked for. */
  private record Answer(List<Long> asked, List<RowFeed.Table> found) {}

  private final DirectoryOpener opener;
  private final Executor executor;
  private final Set<Long> gone = new HashSet<>();
  private @Nullable FutureTask<Answer> pending;
  private long dueMs;
  private String trouble = "";

  /**
   * Creates one that has asked for nothing.
   *
   * @param executor asks the server, one after another
   */
  NameLookup(DirectoryOpener opener, Executor executor) {
    this.opener = opener;
    this.executor = executor;
  }

  /** Returns why the server could not be asked last; empty if it could. */
  String trouble() {
    return trouble;
  }

  /** Gives names that were found to the follower, and asks for more when it is time. */
  void turn(VnodeFollower follower, Configuration configuration, long nowMs) throws IOException {
    FutureTask<Answer> asked = pending;
    if (asked != null && asked.isDone()) {
      pending = null;
      take(asked, follower);
    }
    long intervalMs = 1000 * configuration.number(ConfigurationKeys.NAMES_INTERVAL_SECONDS);
    if (intervalMs == 0) {
      trouble = "";
    } else if (pending == null && nowMs >= dueMs) {
      dueMs = nowMs + intervalMs;
      List<Long> unnamed = new ArrayList<>(follower.unnamedTables(TABLES_MAX + gone.size()));
      unnamed.removeAll(gone);
      if (!unnamed.isEmpty()) {
        FutureTask<Answer> task = new FutureTask<>(() -> ask(configuration, unnamed));
        pending = task;
        executor.execute(task);
      }
    }
  }

  private void take(FutureTask<Answer> asked, VnodeFollower follower) throws IOException {
    Answer answer;
    try {
      answer = asked.get();
    } catch (ExecutionException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      trouble = "names cannot be looked up: " + reason.getMessage();
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    trouble = "";
    follower.nameTables(answer.found);
    gone.addAll(answer.asked);
    answer.found.forEach(table -> gone.remove(table.uid()));
  }

  private Answer ask(Configuration configuration, List<Long> uids) throws IOException {
    List<Long> asked = uids.subList(0, Math.min(uids.size(), TABLES_MAX));
    List<RowFeed.Table> found = new ArrayList<>();
    try (TableDirectory directory = opener.open(configuration)) {
      for (long uid : asked) {
        RowFeed.Table table = directory.named(uid);
        if (table != null) {
          found.add(table);
        }
      }
    }
    return new Answer(asked, found);
  }
}
