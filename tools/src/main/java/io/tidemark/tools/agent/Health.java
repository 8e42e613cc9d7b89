package io.tidemark.tools.agent;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether an agent does what it is there for.
 *
 * @param isLive whether its threads work
 * @param isReady whether every vgroup is followed and was caught up with
 * @param reasons why it is not, one for each thing; and what else is not as it should be
 */
public record Health(boolean isLive, boolean isReady, List<String> reasons) {

  /** A turn that takes longer hangs. */
  private static final long LONG_TURN_MS = 30_000;

  /** Copies the list. */
  public Health {
    reasons = List.copyOf(reasons);
  }

  /** Returns whether a vgroup is followed and was caught up with. */
  static boolean isReady(FollowedVgroup.Status status) {
    return status.state() != FollowedVgroup.State.RETRYING && status.isCaughtUp();
  }

  /**
   * Returns whether a vgroup that is followed was not looked at for so long that its turn hangs or
   * never comes; its metrics stand still then, and no alarm can tell.
   *
   * @param idleMs the longest wait between two turns
   */
  static boolean isSilent(FollowedVgroup.Status status, long nowMs, long idleMs) {
    boolean isFollowed =
        status.state() == FollowedVgroup.State.FOLLOWING
            || status.state() == FollowedVgroup.State.PAUSED;
    return isFollowed && status.sinceHeartbeatMs(nowMs) > 2 * idleMs + LONG_TURN_MS;
  }

  /** Returns what is not as it should be with a vgroup. */
  static List<String> reasons(FollowedVgroup.Status status) {
    List<String> found = new ArrayList<>();
    boolean isWaitedFor = status.state() != FollowedVgroup.State.RETRYING && !status.isCaughtUp();
    if (isWaitedFor) {
      found.add("not caught up yet");
    } else if (!status.trouble().isEmpty()) {
      found.add(status.trouble());
    }
    if (status.source().equals(AgentTopics.TMQ)) {
      found.add("read from a topic, which hides changes: all of it is a gap");
    }
    if (status.unsealed().isShort()) {
      found.add(
          "seals early, memory limit is reached: openEventsMax=" + status.unsealed().eventsMax());
    }
    StoreAudit.Report audit = status.audit();
    if (audit != null) {
      audit.findings().forEach(finding -> found.add("audit: " + finding));
    }
    return found.stream().map(reason -> status.name() + ": " + reason).toList();
  }
}
