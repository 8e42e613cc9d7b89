package io.tidemark.tools.agent;

import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The logs that an agent follows: begins with those that appear, and ends with those that vanish or
 * that the configuration does not want any more.
 *
 * <p>Thread-safe; {@link #look} is called by the agent's watch only.
 */
final class FollowedLogs {

  /*
   * Another source. A vnode and an embedded engine are different logs, so each has a store of its own.
   * When the configuration goes over from one kind to the other, stores of the first are published and
   * closed as they are; they are opened again where they were when it goes back. What their logs were
   * given meanwhile is read then, or is a gap if it was recycled.
   */

  private final AgentContext context;
  private final Turns turns;
  private final Consumer<String> log;
  private final Map<String, FollowedVgroup> followed = new ConcurrentSkipListMap<>();
  private volatile List<String> troubles = List.of();

  FollowedLogs(AgentContext context, Turns turns, Consumer<String> log) {
    this.context = context;
    this.turns = turns;
    this.log = log;
  }

  /** Returns what is followed, in the order of names. */
  List<FollowedVgroup> all() {
    return List.copyOf(followed.values());
  }

  int count() {
    return followed.size();
  }

  /** Returns what of the last look cannot be followed, and why. */
  List<String> troubles() {
    return troubles;
  }

  /** Looks what there is to follow. */
  void look() throws IOException {
    Configuration configuration = context.configuration();
    List<String> found = new ArrayList<>();
    List<LogPlace> places = new ArrayList<>();
    if (EnginePlace.areWanted(configuration)) {
      places.addAll(EnginePlace.find(configuration, found));
    } else {
      places.addAll(vnodes(configuration, found));
    }
    endOthers(configuration, places);
    String database = configuration.text(ConfigurationKeys.DATABASE);
    List<FollowedVgroup> begun = new ArrayList<>();
    for (LogPlace place : places) {
      if (!followed.containsKey(place.name()) && isOf(place.vnode(), database, found)) {
        Path store = Agent.stores(configuration).resolve(place.name());
        begun.add(new FollowedVgroup(place, store, context, log));
      }
    }
    // All of them first: each opens its store with its share of the memory.
    begun.forEach(one -> followed.put(one.name(), one));
    begun.forEach(turns::begin);
    troubles = List.copyOf(found);
  }

  private List<LogPlace> vnodes(Configuration configuration, List<String> found)
      throws IOException {
    List<LogPlace> places = new ArrayList<>();
    VnodeDirectory.findUsable(
            Path.of(configuration.text(ConfigurationKeys.DATA_DIRECTORY)),
            unusable -> found.add(String.valueOf(unusable.getMessage())))
        .forEach(vnode -> places.add(new VnodePlace(vnode, context)));
    return places;
  }

  private void endOthers(Configuration configuration, List<LogPlace> places) {
    Set<String> names = new HashSet<>();
    places.forEach(place -> names.add(place.name()));
    for (FollowedVgroup one : all()) {
      boolean isWanted = one.place().isWanted(configuration);
      if (!isWanted || (!names.contains(one.name()) && !one.exists())) {
        followed.remove(one.name());
        one.stop();
        log.accept(
            one.name()
                + (isWanted ? ": vanished; its store stays" : ": is not wanted; its store stays"));
      }
    }
  }

  private static boolean isOf(
      @Nullable VnodeDirectory vnode, String database, List<String> troubles) {
    if (vnode == null || database.isEmpty()) {
      return true;
    }
    try {
      return vnode.config().database().equals(database);
    } catch (IOException | WalDecodeException e) {
      troubles.add(String.valueOf(e.getMessage()));
      return false;
    }
  }
}
