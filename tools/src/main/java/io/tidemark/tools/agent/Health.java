package io.tidemark.tools.agent;

import java.util.List;

/**
 * Whether an agent does what it is there for.
 *
 * @param isLive whether its threads work
 * @param isReady whether every vgroup is followed and was caught up with
 * @param reasons why it is not, one for each thing; and what else is not as it should be
 */
public record Health(boolean isLive, boolean isReady, List<String> reasons) {

  /** Copies the list. */
  public Health {
    reasons = List.copyOf(reasons);
  }
}
