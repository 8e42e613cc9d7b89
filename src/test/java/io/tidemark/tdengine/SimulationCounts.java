package io.tidemark.tdengine;

/** What runs of a simulated server did in all. */
final class SimulationCounts {
  int steps;
  int calls;
  int polls;
  int pauses;
  int answers;
  int fullRequired;
  int stops;
  int kills;
  int powerCuts;
  int lossyCuts;

  @Override
  public String toString() {
    return "steps="
        + steps
        + ", calls="
        + calls
        + ", polls="
        + polls
        + ", pauses="
        + pauses
        + ", answers="
        + answers
        + ", fullRequired="
        + fullRequired
        + ", stops="
        + stops
        + ", kills="
        + kills
        + ", powerCuts="
        + powerCuts
        + ", lossyCuts="
        + lossyCuts;
  }
}
