package io.tidemark.tools.agent;

import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKey;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.tdengine.RowFeed;
import io.tidemark.tdengine.taosdump.SecretVariables;
import io.tidemark.tdengine.tmq.PasswordFile;
import io.tidemark.tdengine.tmq.TableDirectory;
import io.tidemark.tdengine.tmq.TopicAccess;
import io.tidemark.tdengine.tmq.TopicFeed;
import io.tidemark.tdengine.tmq.TopicSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * The topic that the vgroups of an agent are read from while the configuration says so: one
 * subscription for all, ended when nobody reads from it any more.
 *
 * <p>Thread-safe.
 */
final class AgentTopics {
  /** Holds the password where no file does. */
  static final String PASSWORD_VARIABLE = SecretVariables.PASSWORD;

  /** The source that reads a topic. */
  static final String TMQ = "tmq";

  /** What another subscription is needed for when it changes. */
  private static final List<ConfigurationKey> KEYS =
      List.of(
          ConfigurationKeys.SOURCE,
          ConfigurationKeys.TMQ_TOPIC,
          ConfigurationKeys.TMQ_GROUP,
          ConfigurationKeys.TMQ_CONNECTION,
          ConfigurationKeys.TMQ_HOST,
          ConfigurationKeys.TMQ_USER,
          ConfigurationKeys.TMQ_PASSWORD_FILE);

  private final Function<TopicSettings, TopicAccess> access;
  private final Map<String, String> environment;
  private final NanoClock clock;
  private final Consumer<String> log;

  // Guarded by this.
  private @Nullable TopicFeed feed;
  private String way = "";
  private final Set<Integer> readers = new HashSet<>();

  /**
   * Subscribes to nothing yet.
   *
   * @param access makes what reads a topic
   * @param environment holds the password where no file does
   */
  AgentTopics(
      Function<TopicSettings, TopicAccess> access,
      Map<String, String> environment,
      NanoClock clock,
      Consumer<String> log) {
    this.access = access;
    this.environment = environment;
    this.clock = clock;
    this.log = log;
  }

  /** Returns whether a configuration says that vgroups are read from a topic. */
  static boolean isByTopic(Configuration configuration) {
    return configuration.text(ConfigurationKeys.SOURCE).equals(TMQ);
  }

  /** Returns by what vgroups are read, all of it: where it is another one they are opened anew. */
  static String wayOf(Configuration configuration) {
    if (!isByTopic(configuration)) {
      return configuration.text(ConfigurationKeys.SOURCE);
    }
    StringBuilder text = new StringBuilder();
    KEYS.forEach(key -> text.append(configuration.text(key)).append('\n'));
    return text.append(configuration.number(ConfigurationKeys.TMQ_PORT))
        .append('\n')
        .append(configuration.number(ConfigurationKeys.TMQ_POLL_TIMEOUT_MS))
        .toString();
  }

  /**
   * Returns the rows of a vgroup; somebody reads them until {@link #release}.
   *
   * @throws IOException if the configuration lacks what a topic needs
   */
  synchronized RowFeed rows(Configuration configuration, int vgroupId) throws IOException {
    String wanted = wayOf(configuration);
    TopicFeed open = feed;
    if (open == null || !way.equals(wanted)) {
      TopicSettings settings = settings(configuration);
      closeFeed();
      long pollMs = configuration.number(ConfigurationKeys.TMQ_POLL_TIMEOUT_MS);
      open = new TopicFeed(access.apply(settings), pollMs, clock);
      feed = open;
      way = wanted;
      log.accept("reading from a topic, all of which is a gap: " + settings);
    }
    readers.add(vgroupId);
    return open.of(vgroupId);
  }

  /**
   * Connects to the server to ask for its tables; whoever opened it closes it.
   *
   * @throws IOException if it cannot be asked, or the configuration lacks what that needs
   */
  TableDirectory openDirectory(Configuration configuration) throws IOException {
    return access.apply(settings(configuration)).openDirectory();
  }

  private TopicSettings settings(Configuration configuration) throws IOException {
    String database = configuration.text(ConfigurationKeys.DATABASE);
    if (database.isEmpty()) {
      throw new IOException(
          "a server is asked about one database, which is not named: path="
              + ConfigurationKeys.DATABASE.path());
    }
    return new TopicSettings(
        TopicSettings.Connection.named(configuration.text(ConfigurationKeys.TMQ_CONNECTION)),
        configuration.text(ConfigurationKeys.TMQ_HOST),
        (int) configuration.number(ConfigurationKeys.TMQ_PORT),
        configuration.text(ConfigurationKeys.TMQ_USER),
        password(configuration.text(ConfigurationKeys.TMQ_PASSWORD_FILE)),
        configuration.text(ConfigurationKeys.TMQ_TOPIC),
        configuration.text(ConfigurationKeys.TMQ_GROUP),
        database);
  }

  private String password(String file) throws IOException {
    if (!file.isEmpty()) {
      return PasswordFile.read(Path.of(file));
    }
    String password = environment.get(PASSWORD_VARIABLE);
    if (password == null) {
      throw new IOException(
          "no password is given: variable="
              + PASSWORD_VARIABLE
              + ", path="
              + ConfigurationKeys.TMQ_PASSWORD_FILE.path());
    }
    return password;
  }

  /** Ends the reading of a vgroup; harmless where it does not read. */
  synchronized void release(int vgroupId) {
    if (readers.remove(vgroupId) && readers.isEmpty()) {
      closeFeed();
    }
  }

  private void closeFeed() {
    TopicFeed open = feed;
    feed = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        log.accept(e.getMessage() + ": " + List.of(e.getSuppressed()));
      }
    }
  }
}
