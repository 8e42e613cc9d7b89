package io.tidemark.tools.agent;

import io.tidemark.plugin.Configuration;
import io.tidemark.tdengine.VnodeFollower;
import java.util.concurrent.Executor;

/** What the vgroups of an agent have in common; every answer may change from call to call. */
interface AgentContext {

  /** Returns what is in force now. */
  Configuration configuration();

  /** Returns the clocks of all. */
  VnodeFollower.Clocks clocks();

  /** Returns the topic that vgroups may be read from. */
  AgentTopics topics();

  /** Returns what asks servers for names, one after another, and waits for nobody. */
  Executor background();

  /** Returns when the agent began to follow, ms since the epoch. */
  long startedMs();

  /** Returns whether logs are not to be read now. */
  boolean isPaused();

  /** Returns how many events a vgroup may hold that are not sealed yet. */
  int openEventsMax();
}
