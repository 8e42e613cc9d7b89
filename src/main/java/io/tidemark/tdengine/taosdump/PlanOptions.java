package io.tidemark.tdengine.taosdump;

/**
 * How a plan is made.
 *
 * @param costs what a call is taken to cost
 * @param altered what becomes of tables and stables whose definition was altered
 */
public record PlanOptions(CallCosts costs, AlteredObjects altered) {
  /** Measured costs; altered objects are reloaded. */
  public static final PlanOptions DEFAULTS =
      new PlanOptions(CallCosts.DEFAULTS, AlteredObjects.RELOAD);
}
