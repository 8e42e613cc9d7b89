package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.state.BlockSets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TrackerOptionsTest {
  private static final long MIB = 1 << 20;

  private static @Nullable String refusal(Executable setting) {
    return assertThrows(IllegalArgumentException.class, setting).getMessage();
  }

  @Test
  void shouldRefuseAValueOutOfRangeAndNameIt() {
    TrackerOptions.Builder builder = TrackerOptions.builder();

    List<@Nullable String> refusals =
        Arrays.asList(
            refusal(() -> builder.maxOpenEvents(0)),
            refusal(() -> builder.segmentsPerCheckpoint(0)),
            refusal(() -> builder.journalRollBytes(0)),
            refusal(() -> builder.journalKeepBytes(-1)),
            refusal(() -> builder.mergeFanIn(1)),
            refusal(() -> builder.mergeFanIn(-1)));

    assertEquals(
        List.of(
            "tracker option out of range: maxOpenEvents=0",
            "tracker option out of range: segmentsPerCheckpoint=0",
            "tracker option out of range: journalRollBytes=0",
            "tracker option out of range: journalKeepBytes=-1",
            "tracker option out of range: mergeFanIn=1",
            "tracker option out of range: mergeFanIn=-1"),
        refusals);
    assertEquals(TrackerOptions.defaults().maxOpenEvents(), builder.build().maxOpenEvents());
  }

  @Test
  void shouldRefuseAJournalThatHoldsOneFileOnly() {
    TrackerOptions.Builder builder =
        TrackerOptions.builder()
            .journalRollBytes(3 * MIB)
            .space(new SpaceLimits(8 * MIB - 1, 0, 0));

    String refusal = refusal(builder::build);

    assertEquals(
        "journal must hold two files: journalRollBytes=3145728, journalMaxBytes=8388607", refusal);
    assertEquals(
        8 * MIB, builder.space(new SpaceLimits(8 * MIB, 0, 0)).build().space().journalMaxBytes());
  }

  @Test
  void shouldNotChangeOptionsThatWereBuilt() {
    TrackerOptions.Builder builder = TrackerOptions.builder().unlimited().maxOpenEvents(10);
    TrackerOptions built = builder.build();

    TrackerOptions other = built.toBuilder().maxOpenEvents(11).build();
    builder.maxOpenEvents(12).space(SpaceLimits.DEFAULTS);

    assertEquals(10, built.maxOpenEvents());
    assertEquals(SpaceLimits.NONE, built.space());
    assertEquals(11, other.maxOpenEvents());
    assertEquals(SpaceLimits.NONE, other.space());
  }

  @Test
  void shouldNameEveryOptionAsText() {
    TrackerOptions options = TrackerOptions.builder().unlimited().build();

    String text = options.toString();

    assertEquals(
        "maxOpenEvents=1048576, openEventsMax=2147483647, segmentsPerCheckpoint=8,"
            + " journalRollBytes=67108864, journalKeepBytes=1073741824, mergeFanIn=8, history="
            + HistoryLimits.NONE
            + ", index=SKIP_LISTS, blockSets="
            + BlockSets.ROARING
            + ", space="
            + SpaceLimits.NONE,
        text);
  }
}
