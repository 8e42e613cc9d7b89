package io.tidemark.plugin;

import io.tidemark.metrics.AlarmRule;
import io.tidemark.metrics.Metric;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The table of all keys of the configuration: the specification's, then ours. */
public final class ConfigurationKeys {
  private static final long TEXT_LENGTH_MAX = 4096;
  private static final long DAY_MS = 86_400_000;
  private static final int WORKERS_MAX = 1024;

  /** The specification's number of threads: twice the cores, 64 at most. */
  private static final long WORKERS = Math.min(2L * Runtime.getRuntime().availableProcessors(), 64);

  // ---- plugin

  /** The name a host program asks for. */
  public static final ConfigurationKey PLUGIN_NAME =
      text("plugin.name", "incremental_bitmap", 1, false, "Name under which a host program asks.");

  /** The version a host program is told. */
  public static final ConfigurationKey PLUGIN_VERSION =
      text("plugin.version", "1.0.0", 1, false, "Version that a host program is told.");

  /** Where the C library lies. */
  public static final ConfigurationKey LIBRARY_PATH =
      text(
          "plugin.library_path",
          "/usr/local/taos/plugins/backup/libincremental_bitmap_plugin.so",
          1,
          false,
          "Where a host program finds the C library. The agent does not load it.");

  // ---- bitmap_engine

  /** What holds block states. */
  public static final ConfigurationKey ENGINE_TYPE =
      choice(
          "bitmap_engine.type",
          "roaring",
          List.of("roaring", "reference"),
          false,
          "What holds the sets of blocks in each state. reference is a sorted set on the heap, to"
              + " compare with.");

  /** Memory of what is not sealed. */
  public static final ConfigurationKey MEMORY_LIMIT_MB =
      number(
          "bitmap_engine.memory_limit_mb",
          "MiB",
          1024,
          16,
          1 << 20,
          true,
          "Memory that the stores of one agent take for changes that are not sealed, together. The"
              + " fuller store is sealed earlier; nothing is dropped.");

  /** Where the stores lie. */
  public static final ConfigurationKey PERSISTENCE_PATH =
      text(
          "bitmap_engine.persistence_path",
          "/var/lib/taos/bitmap_cache",
          1,
          false,
          "Directory of the stores, one below it for each vgroup.");

  // ---- event_interceptor

  /** Whether events are taken. */
  public static final ConfigurationKey ENABLE =
      flag(
          "event_interceptor.enable",
          true,
          "Whether the logs are followed. false pauses all vgroups: what is recycled meanwhile is"
              + " a gap.");

  /** How much is taken at once. */
  public static final ConfigurationKey BUFFER_SIZE =
      number(
          "event_interceptor.buffer_size",
          "messages",
          10_000,
          16,
          1 << 26,
          true,
          "Messages of one vgroup that are taken in before another vgroup has its turn.");

  /** Threads that take events. */
  public static final ConfigurationKey CALLBACK_THREADS =
      new ConfigurationKey(
          "event_interceptor.callback_threads",
          ConfigurationKey.Type.NUMBER,
          "threads",
          WORKERS,
          false,
          1,
          WORKERS_MAX,
          List.of(),
          "IB_CALLBACK_THREADS",
          false,
          "Threads that follow vgroups. Default: twice the cores, 64 at most.");

  // ---- backup

  /** Blocks of one batch of a backup. */
  public static final ConfigurationKey BATCH_SIZE =
      number("backup.batch_size", "blocks", 1000, 1, 1 << 24, true, "Blocks of a backup's batch.");

  /** Whether archives are compressed. */
  public static final ConfigurationKey COMPRESSION =
      flag("backup.compression", true, "Whether the files of an archive are compressed.");

  /** Whether archives are encrypted. */
  public static final ConfigurationKey ENCRYPTION =
      flag("backup.encryption", false, "Whether the files of an archive are encrypted.");

  /** How often a batch is tried again. */
  public static final ConfigurationKey RETRY_COUNT =
      number(
          "backup.retry_count",
          "retries",
          3,
          0,
          1000,
          true,
          "How often a batch of a backup is tried again before the run stops.");

  /** How long a backup waits before it tries again. */
  public static final ConfigurationKey RETRY_INTERVAL_MS =
      number(
          "backup.retry_interval_ms",
          "ms",
          1000,
          0,
          DAY_MS,
          true,
          "How long a backup waits before it tries a batch again.");

  /** Where the agent's backups lie. */
  public static final ConfigurationKey BACKUP_DIRECTORY =
      text(
          "backup.directory",
          "",
          0,
          true,
          "Directory of the backups that an agent takes by order, each in one below it; empty for"
              + " none.");

  /** The program that copies. */
  public static final ConfigurationKey BACKUP_TAOSDUMP =
      text("backup.taosdump", "taosdump", 1, true, "The program taosdump, a name or a path.");

  /** The server's host. */
  public static final ConfigurationKey BACKUP_HOST =
      text("backup.host", "", 0, true, "The server for taosdump; empty for its own default.");

  /** The server's port. */
  public static final ConfigurationKey BACKUP_PORT =
      number("backup.port", "port", 0, 0, 65_535, true, "Its port; 0 for taosdump's own default.");

  /** The account. */
  public static final ConfigurationKey BACKUP_USER =
      text(
          "backup.user",
          "",
          0,
          true,
          "The account for taosdump; its password is taken from the variable TAOS_PASSWORD of the"
              + " agent. Empty for taosdump's own default.");

  /** Where taos.cfg lies. */
  public static final ConfigurationKey BACKUP_CONFIG_DIRECTORY =
      text(
          "backup.config_directory",
          "",
          0,
          true,
          "The directory of taos.cfg; empty for taosdump's own default.");

  // ---- agent

  /** The server's data. */
  public static final ConfigurationKey DATA_DIRECTORY =
      text(
          "agent.data_directory",
          "/var/lib/taos",
          1,
          false,
          "The server's data directory: it holds vnode<ID>/, vnode/vnode<ID>/ or"
              + " data/vnode/vnode<ID>/. Only read.");

  /** Which database. */
  public static final ConfigurationKey DATABASE =
      text("agent.database", "", 0, false, "Only vgroups of this database; empty for all.");

  /** How soon after new log is looked for more. */
  public static final ConfigurationKey POLL_INTERVAL_MS =
      number(
          "agent.poll_interval_ms",
          "ms",
          20,
          1,
          60_000,
          true,
          "How soon a log that had something new is looked at again.");

  /** How seldom an idle log is looked at. */
  public static final ConfigurationKey IDLE_POLL_INTERVAL_MS =
      number(
          "agent.idle_poll_interval_ms",
          "ms",
          200,
          1,
          600_000,
          true,
          "How seldom a log is looked at that had nothing new for long; the interval doubles until"
              + " then.");

  /** How often vnodes are looked for. */
  public static final ConfigurationKey DISCOVERY_INTERVAL_MS =
      number(
          "agent.discovery_interval_ms",
          "ms",
          2000,
          10,
          3_600_000,
          true,
          "How often the data directory is looked at for vnodes that appeared or vanished.");

  /** How often checkpoints are made. */
  public static final ConfigurationKey CHECKPOINT_INTERVAL_SECONDS =
      number(
          "agent.checkpoint_interval_seconds",
          "s",
          300,
          1,
          86_400,
          true,
          "How often everything is sealed and published, so that an opening replays little.");

  /** How often metrics are brought up. */
  public static final ConfigurationKey REFRESH_INTERVAL_MS =
      number(
          "agent.refresh_interval_ms",
          "ms",
          1000,
          10,
          60_000,
          true,
          "How often metrics are brought up, alarms compared, and the configuration file is looked"
              + " at.");

  /** First wait after a failure. */
  public static final ConfigurationKey AGENT_RETRY_INTERVAL_MS =
      number(
          "agent.retry_interval_ms",
          "ms",
          1000,
          1,
          3_600_000,
          true,
          "How long a vgroup that failed waits before it is opened again; doubles with each"
              + " failure.");

  /** Longest wait after failures. */
  public static final ConfigurationKey AGENT_RETRY_INTERVAL_MAX_MS =
      number(
          "agent.retry_interval_max_ms",
          "ms",
          60_000,
          1,
          DAY_MS,
          true,
          "How long it waits at most.");

  /** Whether data files are asked about recycled log. */
  public static final ConfigurationKey SEED_FROM_DATA_FILES =
      flag(
          "agent.seed_from_data_files",
          true,
          "Whether the server's data files are read for blocks that changed in messages which were"
              + " recycled before they were read. They stay a gap; the blocks are known.");

  /** How often stores are audited. */
  public static final ConfigurationKey AUDIT_INTERVAL_SECONDS =
      number(
          "agent.audit_interval_seconds",
          "s",
          3600,
          0,
          31_536_000,
          true,
          "How often a part of each store is compared with itself and with the server's data files;"
              + " 0 for never.");

  /** How long an audit may take. */
  public static final ConfigurationKey AUDIT_LIMIT_MS =
      number(
          "agent.audit_limit_ms",
          "ms",
          1000,
          1,
          600_000,
          true,
          "How long an audit holds up its vgroup; it ends with the file it is at.");

  /** By what the logs are read. */
  public static final ConfigurationKey SOURCE =
      choice(
          "agent.source",
          "wal",
          List.of("wal", "tmq", "embedded"),
          true,
          "What is followed: vgroups by the files of their WAL, vgroups by a topic of agent.database,"
              + " or the embedded engines of agent.engine_directory. A topic shows rows and hides"
              + " deletions and definitions, so all that is read from one is a gap.");

  /** Where embedded engines are. */
  public static final ConfigurationKey ENGINE_DIRECTORY =
      text(
          "agent.engine_directory",
          "",
          0,
          true,
          "With agent.source embedded: the directory of one embedded engine, or one that holds such"
              + " directories. Only read.");

  /** How often names are looked up. */
  public static final ConfigurationKey NAMES_INTERVAL_SECONDS =
      number(
          "agent.names_interval_seconds",
          "s",
          0,
          0,
          86_400,
          true,
          "How often the names of tables that the log does not tell are looked up on the server of"
              + " tmq.host; 0 for never.");

  // ---- tmq

  /** The topic. */
  public static final ConfigurationKey TMQ_TOPIC =
      text("tmq.topic", "tidemark", 1, true, "The topic, with agent.source tmq.");

  /** The consumer group. */
  public static final ConfigurationKey TMQ_GROUP =
      text(
          "tmq.group",
          "tidemark",
          1,
          true,
          "The consumer group; no other consumer may be in it. Nothing is committed to it.");

  /** How the driver speaks to the server. */
  public static final ConfigurationKey TMQ_CONNECTION =
      choice(
          "tmq.connection",
          "websocket",
          List.of("websocket", "native"),
          true,
          "How the JDBC driver speaks to the server: by taosAdapter, or by the client library libtaos."
              + " Natively only a topic that is a query and selects tbname tells whose its rows are.");

  /** The server. */
  public static final ConfigurationKey TMQ_HOST =
      text("tmq.host", "localhost", 1, true, "The server, or its taosAdapter.");

  /** Its port. */
  public static final ConfigurationKey TMQ_PORT =
      number(
          "tmq.port",
          "port",
          0,
          0,
          65_535,
          true,
          "Its port; 0 for the usual one of the connection, 6041 or 6030.");

  /** The account. */
  public static final ConfigurationKey TMQ_USER =
      text("tmq.user", "root", 1, true, "The account that subscribes and looks up tables.");

  /** Where its password is. */
  public static final ConfigurationKey TMQ_PASSWORD_FILE =
      text(
          "tmq.password_file",
          "",
          0,
          true,
          "A file whose first line is its password, and which nobody but its owner may read; empty for"
              + " the variable TAOS_PASSWORD of the agent.");

  /** How long a poll waits. */
  public static final ConfigurationKey TMQ_POLL_TIMEOUT_MS =
      number(
          "tmq.poll_timeout_ms",
          "ms",
          50,
          1,
          10_000,
          true,
          "How long the topic is waited for when nothing comes; one thread waits meanwhile.");

  // ---- store

  /** Length of history. */
  public static final ConfigurationKey HISTORY_DAYS =
      number(
          "store.history_days",
          "days",
          30,
          1,
          36_500,
          false,
          "How long every single change is kept; older ones are folded, no block is forgotten.");

  /** Size of history. */
  public static final ConfigurationKey HISTORY_MAX_MB =
      number(
          "store.history_max_mb",
          "MiB",
          65_536,
          1,
          1L << 40,
          false,
          "Length of a store's segments beyond which older changes are folded.");

  /** How questions find their segments. */
  public static final ConfigurationKey INDEX =
      choice(
          "store.index",
          "skip_lists",
          List.of("skip_lists", "linear"),
          false,
          "How a question finds the segments that may answer it. linear looks at each, to compare"
              + " with.");

  /** Chains that hold history. */
  public static final ConfigurationKey CHAIN_IDLE_DAYS =
      number(
          "store.chain_idle_days",
          "days",
          0,
          0,
          36_500,
          true,
          "How old the first change may be that a chain of backups owes, by the time of events, before"
              + " the chain is forgotten, which holds all history since; 0 for never.");

  /** Replayable journal. */
  public static final ConfigurationKey JOURNAL_KEEP_MB =
      number(
          "store.journal_keep_mb",
          "MiB",
          1024,
          0,
          1L << 40,
          false,
          "How much of a store's journal is kept for replay that no checkpoint needs.");

  /** Greatest journal. */
  public static final ConfigurationKey JOURNAL_MAX_MB =
      number(
          "store.journal_max_mb",
          "MiB",
          4096,
          256,
          1L << 40,
          false,
          "Length at which a store's journal takes no events until a checkpoint lets some of it"
              + " go.");

  /** Free space needed. */
  public static final ConfigurationKey DISK_WATERMARK_MB =
      number(
          "store.disk_watermark_mb",
          "MiB",
          64,
          0,
          1L << 40,
          false,
          "Free space of the disk below which a store takes no events; it goes on when space"
              + " returns.");

  /** Space held back. */
  public static final ConfigurationKey DISK_RESERVE_MB =
      number(
          "store.disk_reserve_mb",
          "MiB",
          16,
          0,
          1L << 40,
          false,
          "Space that a store holds back and gives itself when the disk is full.");

  // ---- http

  /** Whether there is an endpoint. */
  public static final ConfigurationKey HTTP_ENABLE =
      new ConfigurationKey(
          "http.enable",
          ConfigurationKey.Type.BOOLEAN,
          "",
          true,
          false,
          0,
          0,
          List.of(),
          "",
          false,
          "Whether metrics, health and alarms are served by HTTP.");

  /** Where it listens. */
  public static final ConfigurationKey HTTP_ADDRESS =
      text(
          "http.address",
          "127.0.0.1",
          1,
          false,
          "Address to listen at. The endpoint knows no passwords: other than a loopback address"
              + " only behind a firewall.");

  /** Which port. */
  public static final ConfigurationKey HTTP_PORT =
      number("http.port", "", 9465, 0, 65_535, false, "Port to listen at; 0 for any free one.");

  /** Threads of it. */
  public static final ConfigurationKey HTTP_THREADS =
      number("http.threads", "threads", 4, 1, 64, false, "Threads that answer requests.");

  // ---- alarms

  /** What an alarm runs. */
  public static final ConfigurationKey ALARM_HOOK =
      new ConfigurationKey(
          "alarms.hook",
          ConfigurationKey.Type.WORDS,
          "",
          List.of(),
          false,
          0,
          64,
          List.of(),
          "",
          true,
          "Program and arguments to run when an alarm is raised or cleared; empty for none. It gets"
              + " TIDEMARK_ALARM_STATE, _METRIC, _VALUE, _MESSAGE and _LABELS in its environment.");

  /** How long that may take. */
  public static final ConfigurationKey ALARM_HOOK_TIMEOUT_MS =
      number(
          "alarms.hook_timeout_ms",
          "ms",
          10_000,
          1,
          600_000,
          true,
          "How long that program may run before it is killed.");

  /** At which values an alarm is raised by default, and cleared. */
  private static final Map<Metric, List<Long>> THRESHOLDS =
      new EnumMap<>(
          Map.of(
              Metric.CONSUMER_LAG_MS, List.of(60_000L, 10_000L),
              Metric.EVENTS_DROPPED, List.of(0L),
              Metric.RING_BUFFER_USAGE, List.of(90L, 70L),
              Metric.WAL_HEADROOM_SECONDS, List.of(600L, 900L),
              Metric.LAST_CHECKPOINT_AGE_SECONDS, List.of(3600L, 1800L)));

  private static final Map<Metric, ConfigurationKey> RAISE_AT = new EnumMap<>(Metric.class);
  private static final Map<Metric, ConfigurationKey> CLEAR_AT = new EnumMap<>(Metric.class);

  /** All keys in the order of the table. */
  private static final List<ConfigurationKey> ALL = all();

  private ConfigurationKeys() {}

  private static List<ConfigurationKey> all() {
    List<ConfigurationKey> keys =
        new ArrayList<>(
            List.of(
                PLUGIN_NAME,
                PLUGIN_VERSION,
                LIBRARY_PATH,
                ENGINE_TYPE,
                MEMORY_LIMIT_MB,
                PERSISTENCE_PATH,
                ENABLE,
                BUFFER_SIZE,
                CALLBACK_THREADS,
                BATCH_SIZE,
                COMPRESSION,
                ENCRYPTION,
                RETRY_COUNT,
                RETRY_INTERVAL_MS,
                BACKUP_DIRECTORY,
                BACKUP_TAOSDUMP,
                BACKUP_HOST,
                BACKUP_PORT,
                BACKUP_USER,
                BACKUP_CONFIG_DIRECTORY,
                DATA_DIRECTORY,
                DATABASE,
                POLL_INTERVAL_MS,
                IDLE_POLL_INTERVAL_MS,
                DISCOVERY_INTERVAL_MS,
                CHECKPOINT_INTERVAL_SECONDS,
                REFRESH_INTERVAL_MS,
                AGENT_RETRY_INTERVAL_MS,
                AGENT_RETRY_INTERVAL_MAX_MS,
                SEED_FROM_DATA_FILES,
                AUDIT_INTERVAL_SECONDS,
                AUDIT_LIMIT_MS,
                SOURCE,
                ENGINE_DIRECTORY,
                NAMES_INTERVAL_SECONDS,
                TMQ_TOPIC,
                TMQ_GROUP,
                TMQ_CONNECTION,
                TMQ_HOST,
                TMQ_PORT,
                TMQ_USER,
                TMQ_PASSWORD_FILE,
                TMQ_POLL_TIMEOUT_MS,
                HISTORY_DAYS,
                HISTORY_MAX_MB,
                INDEX,
                CHAIN_IDLE_DAYS,
                JOURNAL_KEEP_MB,
                JOURNAL_MAX_MB,
                DISK_WATERMARK_MB,
                DISK_RESERVE_MB,
                HTTP_ENABLE,
                HTTP_ADDRESS,
                HTTP_PORT,
                HTTP_THREADS,
                ALARM_HOOK,
                ALARM_HOOK_TIMEOUT_MS));
    for (Metric metric : Metric.values()) {
      boolean isAbove = AlarmRule.sideOf(metric) == AlarmRule.Side.ABOVE;
      List<Long> thresholds = THRESHOLDS.get(metric);
      ConfigurationKey raiseAt =
          threshold(
              metric,
              "raise_at",
              thresholds == null ? null : thresholds.get(0),
              "Raises an alarm when "
                  + metric.id()
                  + " is "
                  + (isAbove ? "above" : "below")
                  + " this; null for no alarm.");
      ConfigurationKey clearAt =
          threshold(
              metric,
              "clear_at",
              thresholds == null || thresholds.size() < 2 ? null : thresholds.get(1),
              "Clears it at this value "
                  + (isAbove ? "or below" : "or above")
                  + "; null for that of raise_at.");
      RAISE_AT.put(metric, raiseAt);
      CLEAR_AT.put(metric, clearAt);
      keys.add(raiseAt);
      keys.add(clearAt);
    }
    return List.copyOf(keys);
  }

  /** Returns all keys in the order of the table. */
  public static List<ConfigurationKey> list() {
    return ALL;
  }

  /** Returns the rules that a configuration sets up. */
  public static List<AlarmRule> alarmRules(Configuration configuration) {
    List<AlarmRule> rules = new ArrayList<>();
    for (Metric metric : Metric.values()) {
      Long raiseAt = configuration.findNumber(key(RAISE_AT, metric));
      Long clearAt = configuration.findNumber(key(CLEAR_AT, metric));
      if (raiseAt != null) {
        rules.add(
            new AlarmRule(
                metric, AlarmRule.sideOf(metric), raiseAt, clearAt == null ? raiseAt : clearAt));
      }
    }
    return rules;
  }

  private static ConfigurationKey key(Map<Metric, ConfigurationKey> keys, Metric metric) {
    return Objects.requireNonNull(keys.get(metric));
  }

  private static ConfigurationKey threshold(
      Metric metric, String name, @Nullable Long value, String help) {
    return new ConfigurationKey(
        "alarms." + metric.id() + "." + name,
        ConfigurationKey.Type.NUMBER,
        metric.unit(),
        value,
        true,
        0,
        Long.MAX_VALUE,
        List.of(),
        "",
        true,
        help);
  }

  private static ConfigurationKey number(
      String path,
      String unit,
      long defaultValue,
      long min,
      long max,
      boolean isReloadable,
      String help) {
    return new ConfigurationKey(
        path,
        ConfigurationKey.Type.NUMBER,
        unit,
        defaultValue,
        false,
        min,
        max,
        List.of(),
        "",
        isReloadable,
        help);
  }

  private static ConfigurationKey text(
      String path, String defaultValue, long min, boolean isReloadable, String help) {
    return new ConfigurationKey(
        path,
        ConfigurationKey.Type.TEXT,
        "",
        defaultValue,
        false,
        min,
        TEXT_LENGTH_MAX,
        List.of(),
        "",
        isReloadable,
        help);
  }

  private static ConfigurationKey choice(
      String path, String defaultValue, List<String> choices, boolean isReloadable, String help) {
    return new ConfigurationKey(
        path,
        ConfigurationKey.Type.CHOICE,
        "",
        defaultValue,
        false,
        0,
        0,
        choices,
        "",
        isReloadable,
        help);
  }

  private static ConfigurationKey flag(String path, boolean defaultValue, String help) {
    return new ConfigurationKey(
        path,
        ConfigurationKey.Type.BOOLEAN,
        "",
        defaultValue,
        false,
        0,
        0,
        List.of(),
        "",
        true,
        help);
  }
}
