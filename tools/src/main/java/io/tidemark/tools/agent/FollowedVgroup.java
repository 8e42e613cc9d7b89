package io.tidemark.tools.agent;

import io.tidemark.errors.TidemarkException;
import io.tidemark.metrics.Metric;
import io.tidemark.metrics.MetricSample;
import io.tidemark.metrics.StoreCounters;
import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.plugin.StoreSettings;
import io.tidemark.tdengine.IngestReport;
import io.tidemark.tdengine.VnodeFollower;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.WalHeadroom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One vgroup or embedded engine of an agent: follows its log turn by turn, and begins again when
 * that fails.
 *
 * <p>Thread-safe; one turn at a time.
 */
final class FollowedVgroup {
  /*
   * A failure of any kind closes the follower and leaves its place to the journal: the next opening
   * goes on where the store is; so does one by another source, when the configuration names another. Each failure in a row doubles the wait. What failed once and went
   * well again is forgotten but for the counters.
   */

  /** A wait from which on it is worth while to be told of a write meanwhile. */
  private static final long REST_MS = 100;

  /** What a vgroup is doing. */
  enum State {
    /** It was not opened yet. */
    OPENING,
    /** It takes in what the log has. */
    FOLLOWING,
    /** Its store is open, but its log is not read. */
    PAUSED,
    /** Its store is open for a backup, and fed by it. */
    LENT,
    /** It failed, and is opened again after a while. */
    RETRYING,
    /** It is closed for good. */
    STOPPED
  }

  /**
   * How a vgroup is, for people and programs.
   *
   * @param source by what it is read: a value of {@code agent.source}
   * @param trouble why it is retrying, or what it found last; empty for none
   * @param standing where it stands; null if it was never open
   * @param unsealed the events that take memory until they are sealed
   * @param audit what the last audit came to; null before the first
   */
  record Status(
      String name,
      Map<String, String> labels,
      State state,
      boolean isCaughtUp,
      String source,
      String trouble,
      Unsealed unsealed,
      VnodeFollower.@Nullable Standing standing,
      StoreAudit.@Nullable Report audit,
      MetricSample sample) {

    /** Returns how long ago its last turn ended that brought its metrics up, ms. */
    long sinceHeartbeatMs(long nowMs) {
      return nowMs - sample.heartbeatMs();
    }
  }

  /**
   * The events of a vgroup that are not sealed yet.
   *
   * @param events how many they are
   * @param eventsMax how many they may be, so that all vgroups keep within the memory limit
   * @param earlySeals how often they were sealed because of that since the store was opened
   * @param isShort whether that happened since the last checkpoint or the one before
   */
  record Unsealed(int events, int eventsMax, long earlySeals, boolean isShort) {}

  /** What others see of it between two turns. */
  private record Face(
      State state,
      boolean isCaughtUp,
      String source,
      String trouble,
      Unsealed unsealed,
      VnodeFollower.@Nullable Standing standing,
      StoreAudit.@Nullable Report audit) {}

  private final LogPlace place;
  private final Path store;
  private final AgentContext context;
  private final Consumer<String> log;
  private final NameLookup names;

  // Replaced under the lock of this.
  private volatile StoreCounters counters;
  private volatile Face face =
      new Face(State.OPENING, false, "", "", new Unsealed(0, 0, 0, false), null, null);

  private volatile boolean isAtRest;
  private volatile boolean isStirred;

  // Guarded by this.
  private @Nullable VnodeFollower follower;
  private VnodeFollower.@Nullable Standing standing;
  private State state = State.OPENING;
  private String trouble = "";
  private boolean isCaughtUp;
  private boolean wasOpen;
  private boolean isLent;
  private String source = "";

  /** By what it is read: see {@link LogPlace#wayOf}. */
  private String way = "";

  private int failures;
  private long idleMs;
  private int unsealed;
  private long earlySeals;
  private long earlySealsAtCheckpoint;
  private boolean isSealingEarly;
  private long checkpointDueMs;
  private long refreshDueMs;
  private long auditedMs;
  private StoreAudit.@Nullable Report audited;

  FollowedVgroup(LogPlace place, Path store, AgentContext context, Consumer<String> log) {
    this.place = place;
    this.store = store;
    this.context = context;
    this.log = line -> log.accept(name() + ": " + line);
    this.names = new NameLookup(context.topics()::openDirectory, context.background());
    this.counters = StoreCounters.inMemory(place.labels(), context.clocks().epoch());
  }

  /** Returns the name of its directory. */
  String name() {
    return place.name();
  }

  /** Returns where its log lies. */
  LogPlace place() {
    return place;
  }

  /** Returns its store's directory. */
  Path store() {
    return store;
  }

  /** Returns whether its directory is still there. */
  boolean exists() {
    return Files.exists(place.directory());
  }

  /**
   * Takes one turn.
   *
   * @return how long to wait until the next, ms; negative for no next one
   */
  synchronized long turn() {
    if (state == State.STOPPED) {
      return -1;
    }
    isAtRest = false;
    Configuration configuration = context.configuration();
    if (isLent) {
      // Who has the store counts nothing; the counters must not look abandoned.
      counters.set(Metric.LAST_UPDATE_TIME, nowMs());
      counters.heartbeat();
      return configuration.number(ConfigurationKeys.IDLE_POLL_INTERVAL_MS);
    }
    if (follower == null && !place.isWanted(configuration)) {
      return configuration.number(ConfigurationKeys.IDLE_POLL_INTERVAL_MS); // it is ended soon
    }
    long waitMs;
    try {
      waitMs = follow(open(configuration), configuration);
    } catch (IOException | WalDecodeException | TidemarkException e) {
      waitMs = fail(String.valueOf(e.getMessage()), configuration);
    } catch (RuntimeException | Error e) {
      waitMs = fail("internal error: " + e, configuration);
    }
    show();
    return waitMs;
  }

  private void show() {
    Unsealed events = new Unsealed(unsealed, context.openEventsMax(), earlySeals, isSealingEarly);
    face = new Face(state, isCaughtUp, source, trouble, events, standing, audited);
  }

  private VnodeFollower open(Configuration configuration) throws IOException, WalDecodeException {
    // One that is not wanted any more goes on until it is ended.
    String wanted = place.isWanted(configuration) ? place.wayOf(configuration) : way;
    if (follower != null && way.equals(wanted)) {
      return follower;
    }
    if (follower != null) {
      log.accept("source is another one now: source=" + place.source(configuration));
      closeFollower(false);
      isCaughtUp = false;
    }
    if (failures > 0) {
      counters.add(wasOpen ? Metric.SUBSCRIPTION_RETRIES : Metric.CONNECTION_RETRIES, 1);
    }
    wasOpen = false;
    source = place.source(configuration);
    VnodeFollower opened = openFollower(configuration);
    way = wanted;
    follower = opened;
    wasOpen = true;
    earlySeals = 0;
    earlySealsAtCheckpoint = 0;
    counters = opened.counters();
    log.accept(opened.recovery().summary());
    long nowMs = nowMs();
    checkpointDueMs = nowMs + seconds(configuration);
    refreshDueMs = nowMs;
    auditedMs = auditedMs == 0 ? nowMs : auditedMs;
    return opened;
  }

  private VnodeFollower openFollower(Configuration configuration)
      throws IOException, WalDecodeException {
    try {
      return VnodeFollower.open(
          place.log(configuration),
          store,
          StoreSettings.options(configuration, context.openEventsMax()),
          counters,
          context.startedMs(),
          context.clocks());
    } catch (IOException | WalDecodeException | RuntimeException e) {
      place.release();
      throw e;
    }
  }

  private static long seconds(Configuration configuration) {
    return 1000 * configuration.number(ConfigurationKeys.CHECKPOINT_INTERVAL_SECONDS);
  }

  private long follow(VnodeFollower open, Configuration configuration)
      throws IOException, WalDecodeException {
    long idleMaxMs = configuration.number(ConfigurationKeys.IDLE_POLL_INTERVAL_MS);
    long waitMs = idleMaxMs;
    open.limitOpenEvents(context.openEventsMax());
    if (context.isPaused()) {
      state = State.PAUSED;
    } else {
      IngestReport report = open.poll(configuration.number(ConfigurationKeys.BUFFER_SIZE));
      state = State.FOLLOWING;
      isCaughtUp |= report.isAtEnd();
      report.newHoles().forEach(hole -> log.accept("hole in the log: " + hole));
      waitMs = waitAfter(report, configuration.number(ConfigurationKeys.POLL_INTERVAL_MS));
      waitMs = Math.min(waitMs, idleMaxMs);
      isAtRest = waitMs >= Math.min(REST_MS, idleMaxMs);
    }
    unsealed = open.openEvents();
    tellOfEarlySeals(open);
    names.turn(open, configuration, nowMs());
    checkpointIfDue(open, configuration);
    refreshIfDue(open, configuration);
    standing = open.standing();
    failures = 0;
    trouble = names.trouble();
    auditIfDue(open, configuration);
    return waitMs;
  }

  /** Returns 0 while there is more; then a wait that doubles as long as nothing comes. */
  private long waitAfter(IngestReport report, long pollMs) {
    if (!report.isAtEnd()) {
      return 0;
    }
    boolean isFresh = report.records() > 0 || idleMs == 0 || isStirred;
    isStirred = false;
    idleMs = isFresh ? pollMs : 2 * idleMs;
    idleMs = Math.min(idleMs, 1L << 30);
    return idleMs;
  }

  /** Returns whether it waits for its log so long that a write to it should end the wait. */
  boolean isAtRest() {
    return isAtRest;
  }

  /** Makes it be looked at soon, and again soon: something is being written to its log. */
  void stir() {
    isStirred = true;
  }

  private void checkpointIfDue(VnodeFollower open, Configuration configuration) throws IOException {
    long nowMs = nowMs();
    if (nowMs < checkpointDueMs) {
      return;
    }
    try {
      dropIdleChains(open, configuration.number(ConfigurationKeys.CHAIN_IDLE_DAYS));
      open.checkpoint();
      checkpointDueMs = nowMs + seconds(configuration);
      isSealingEarly = earlySeals > earlySealsAtCheckpoint;
      earlySealsAtCheckpoint = earlySeals;
    } catch (IOException | TidemarkException e) {
      counters.add(Metric.COMMIT_RETRIES, 1);
      throw e;
    }
  }

  /** Says that memory is short when it begins to be, and forgets it after a checkpoint without. */
  private void tellOfEarlySeals(VnodeFollower open) {
    long seals = open.earlySeals();
    if (seals > earlySeals && !isSealingEarly) {
      isSealingEarly = true;
      log.accept(
          "seals early to keep within the memory limit: openEventsMax=" + context.openEventsMax());
    }
    earlySeals = seals;
  }

  private void dropIdleChains(VnodeFollower open, long limitDays) throws IOException {
    if (limitDays > 0) {
      for (String chain : open.dropIdleChains(TimeUnit.DAYS.toNanos(limitDays))) {
        log.accept(
            "chain was idle and is forgotten, its next run must be full: chain="
                + chain
                + ", limitDays="
                + limitDays);
      }
    }
  }

  private void refreshIfDue(VnodeFollower open, Configuration configuration)
      throws IOException, WalDecodeException {
    long nowMs = nowMs();
    if (nowMs >= refreshDueMs) {
      open.refresh();
      refreshDueMs = nowMs + configuration.number(ConfigurationKeys.REFRESH_INTERVAL_MS);
    }
  }

  private void auditIfDue(VnodeFollower open, Configuration configuration) throws IOException {
    long intervalMs = 1000 * configuration.number(ConfigurationKeys.AUDIT_INTERVAL_SECONDS);
    long nowMs = nowMs();
    if (intervalMs == 0 || nowMs < auditedMs + intervalMs) {
      return;
    }
    auditedMs = nowMs;
    long limitNs =
        TimeUnit.MILLISECONDS.toNanos(configuration.number(ConfigurationKeys.AUDIT_LIMIT_MS));
    StoreAudit.Report report =
        StoreAudit.run(place.vnode(), store, open, context.clocks().nano(), limitNs, nowMs);
    audited = report;
    report.findings().forEach(finding -> log.accept("audit: " + finding));
    if (report.areViewsWrong()) {
      closeFollower(true);
      StoreAudit.dropViews(store);
      log.accept("audit: views were dropped; they are built anew from segments and journal");
    }
  }

  private long fail(String why, Configuration configuration) {
    failures++;
    state = State.RETRYING;
    if (!why.equals(trouble)) {
      log.accept("failed: " + why);
    }
    trouble = why;
    closeFollower(true);
    watchHeadroom();
    long firstMs = configuration.number(ConfigurationKeys.AGENT_RETRY_INTERVAL_MS);
    long maxMs = configuration.number(ConfigurationKeys.AGENT_RETRY_INTERVAL_MAX_MS);
    return Math.min(maxMs, firstMs << Math.min(failures - 1, 20));
  }

  /** Keeps the alarm of the headroom true while nothing is read. */
  private void watchHeadroom() {
    try {
      long next = standing == null ? 0 : standing.nextVersion();
      WalHeadroom headroom = place.headroom(next, nowMs());
      counters.set(Metric.WAL_HEADROOM_SECONDS, headroom.seconds());
      counters.set(Metric.OFFSET_LAG, headroom.unreadRecords());
      counters.set(Metric.LAST_UPDATE_TIME, nowMs());
      counters.heartbeat();
    } catch (IOException | WalDecodeException e) {
      // The log cannot be read: that is what failed already.
    }
  }

  /**
   * Closes the store for somebody who opens it himself; a turn after that goes on where he left it.
   *
   * @throws IOException if it is closed for good
   */
  <T> T lend(BackupJob.Work<T> work) throws IOException {
    synchronized (this) {
      if (state == State.STOPPED) {
        throw new IOException("log is not followed any more: directory=" + place.directory());
      }
      closeFollower(false);
      isLent = true;
      state = State.LENT;
      show();
    }
    try {
      return work.work();
    } finally {
      synchronized (this) {
        isLent = false;
        state = state == State.LENT ? State.OPENING : state;
        show();
      }
    }
  }

  /** Publishes everything now. */
  synchronized void checkpoint() throws IOException {
    VnodeFollower open = follower;
    if (open == null) {
      throw new IOException("store is not open: state=" + state + ", store=" + store);
    }
    open.checkpoint();
    checkpointDueMs = nowMs() + seconds(context.configuration());
  }

  /** Publishes everything and closes for good. */
  synchronized void stop() {
    if (state != State.STOPPED) {
      state = State.STOPPED;
      closeFollower(false);
      counters.close();
      show();
    }
  }

  private void closeFollower(boolean isFailed) {
    VnodeFollower open = follower;
    follower = null;
    unsealed = 0;
    if (open != null) {
      place.release();
      try {
        open.close();
      } catch (IOException | RuntimeException e) {
        // Nothing is lost: what it journaled is there, and the next opening replays it.
        log.accept(
            (isFailed ? "closed without a checkpoint: " : "cannot publish: ") + e.getMessage());
      }
    }
  }

  private long nowMs() {
    return context.clocks().epoch().time();
  }

  /** Returns its metrics as they are now; waits for nobody. */
  MetricSample sample() {
    return counters.sample();
  }

  /** Returns how it was when its last turn ended; waits for nobody. */
  Status status() {
    Face seen = face;
    MetricSample sample = sample();
    return new Status(
        name(),
        sample.labels(),
        seen.state(),
        seen.isCaughtUp(),
        seen.source(),
        seen.trouble(),
        seen.unsealed(),
        seen.standing(),
        seen.audit(),
        sample);
  }
}
