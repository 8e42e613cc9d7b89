package io.tidemark.block;

import static io.tidemark.block.BlockEventType.CREATE;
import static io.tidemark.block.BlockEventType.DELETE;
import static io.tidemark.block.BlockEventType.UPDATE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What a backup does about a block, for every combination a range can hold. */
class ChangeKindTest {

  @Test
  void shouldRecordADeletionWhenTheLastChangeDeleted() {
    assertEquals(ChangeKind.DELETED, ChangeKind.of(DELETE, true, false));
    assertEquals(ChangeKind.DELETED, ChangeKind.of(DELETE, true, true));
  }

  @Test
  void shouldReplaceWhenItChangedAgainAfterADelete() {
    assertEquals(ChangeKind.REPLACED, ChangeKind.of(UPDATE, true, false));
    assertEquals(ChangeKind.REPLACED, ChangeKind.of(UPDATE, true, true));
    assertEquals(ChangeKind.REPLACED, ChangeKind.of(CREATE, true, true));
  }

  @Test
  void shouldCopyAsNewOrDirtyWithoutADelete() {
    assertEquals(ChangeKind.NEW, ChangeKind.of(CREATE, false, true));
    assertEquals(ChangeKind.NEW, ChangeKind.of(UPDATE, false, true));
    assertEquals(ChangeKind.DIRTY, ChangeKind.of(UPDATE, false, false));
  }
}
