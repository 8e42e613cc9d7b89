package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tdengine.taosdump.DroppedObject;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LaterDropsTest {
  private final Set<DroppedObject> dropped = new HashSet<>();
  private int looks;

  @Test
  void shouldLookOnceForAllThatWasDropped() throws IOException {
    for (int table = 0; table < 100; table++) {
      dropped.add(new DroppedObject(false, "d" + table));
    }
    dropped.add(new DroppedObject(true, "meters"));
    LaterDrops drops = new LaterDrops(this::look);

    for (int table = 0; table < 100; table++) {
      assertTrue(drops.isGone(false, "d" + table));
    }

    assertTrue(drops.isGone(true, "meters"));
    assertEquals(1, looks);
  }

  @Test
  void shouldLookAgainForWhatWasNotDroppedYet() throws IOException {
    dropped.add(new DroppedObject(false, "d1"));
    LaterDrops drops = new LaterDrops(this::look);

    assertTrue(drops.isGone(false, "d1"));
    assertFalse(drops.isGone(true, "d1"));
    assertFalse(drops.isGone(false, "d2"));
    dropped.add(new DroppedObject(false, "d2"));

    assertTrue(drops.isGone(false, "d2"));
    assertEquals(4, looks);
  }

  private Set<DroppedObject> look() {
    looks++;
    return Set.copyOf(dropped);
  }
}
