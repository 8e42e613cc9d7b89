package io.tidemark.tools.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.metrics.Alarm;
import io.tidemark.metrics.AlarmRule;
import io.tidemark.metrics.Metric;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlarmHookTest {

  @Test
  void shouldTellOfTheAlarmAndOfNoSecret() {
    AlarmRule rule = new AlarmRule(Metric.GAP_COUNT, AlarmRule.Side.ABOVE, 3, 1);
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", "/bin");
    environment.put("TAOS_PASSWORD", "one");
    environment.put("TIDEMARK_PASS_PHRASE", "another");

    AlarmHook.tell(new Alarm(rule, Map.of("vgroup", "2"), true, 4, 5), environment);

    assertEquals("4", environment.remove("TIDEMARK_ALARM_VALUE"));
    assertEquals("raised", environment.remove("TIDEMARK_ALARM_STATE"));
    assertEquals("gap_count", environment.remove("TIDEMARK_ALARM_METRIC"));
    assertEquals("vgroup=2", environment.remove("TIDEMARK_ALARM_LABELS"));
    environment.remove("TIDEMARK_ALARM_MESSAGE");
    assertEquals(Map.of("PATH", "/bin"), environment);
  }
}
