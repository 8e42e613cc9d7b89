package io.tidemark.benchmarks.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class GrowthCheckTest {
  private static final int SAMPLES = 20;
  private static final long MIB = 1 << 20;

  private final GrowthCheck check = new GrowthCheck();

  @Test
  void shouldAcceptWhatGrowsWhileItWarmsUp() {
    for (int i = 0; i < SAMPLES; i++) {
      add(Math.min(i, SAMPLES / 2) * (100 * MIB), 10);
    }

    assertEquals(List.of(), check.grown());
  }

  @Test
  void shouldNameWhatGoesOnGrowing() {
    for (int i = 0; i < SAMPLES; i++) {
      add(MIB, 100L * i);
    }

    assertEquals(
        List.of("resource grew after warm-up: name=handles, before=1000, after=1500"),
        check.grown());
  }

  @Test
  void shouldAcceptNoise() {
    for (int i = 0; i < SAMPLES; i++) {
      add((100 + i % 3 * 20) * MIB, 10 + i % 2);
    }

    assertEquals(List.of(), check.grown());
  }

  @Test
  void shouldAcceptAHeapThatGrowsAndShrinks() {
    for (int i = 0; i < SAMPLES; i++) {
      add((i % 4 == 0 ? 300 : 400 + 20L * i) * MIB, 10);
    }

    assertEquals(List.of(), check.grown());
  }

  @Test
  void shouldNotJudgeByFewSamples() {
    for (int i = 0; i < 7; i++) {
      add(MIB, 10);
    }

    assertEquals(List.of("too few samples: count=7, least=8"), check.grown());
  }

  private void add(long bytes, long handles) {
    check.add(new Resources(bytes, 0, bytes, bytes, handles, bytes, bytes));
  }
}
