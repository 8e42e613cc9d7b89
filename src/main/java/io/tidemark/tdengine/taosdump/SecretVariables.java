package io.tidemark.tdengine.taosdump;

import java.util.Map;
import java.util.Set;

/**
 * The variables of the environment that hold secrets of this program; no child process is handed
 * them. taosdump gets its password by its standard input.
 */
public final class SecretVariables {

  /** Holds the password of a TDengine server. */
  public static final String PASSWORD = "TAOS_PASSWORD";

  /** Holds the pass phrase of encrypted archives. */
  public static final String PASS_PHRASE = "TIDEMARK_PASS_PHRASE";

  private static final Set<String> NAMES = Set.of(PASSWORD, PASS_PHRASE);

  private SecretVariables() {}

  /** Takes them out of the environment of a child. */
  public static void removeFrom(Map<String, String> environment) {
    environment.keySet().removeAll(NAMES);
  }
}
