package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MessageTypeTest {
  private static final Set<MessageType> CHANGES_NOTHING =
      EnumSet.of(
          MessageType.VND_ALTER_CONFIG,
          MessageType.VND_ALTER_REPLICA,
          MessageType.VND_ALTER_CONFIRM,
          MessageType.VND_COMPACT,
          MessageType.VND_TRIM,
          MessageType.VND_CREATE_INDEX,
          MessageType.VND_DROP_INDEX,
          MessageType.VND_ARB_CHECK_SYNC,
          MessageType.VND_FETCH_TTL_EXPIRED_TBS,
          MessageType.SYNC_NOOP,
          MessageType.SYNC_CONFIG_CHANGE,
          MessageType.VND_TMQ_SUBSCRIBE,
          MessageType.VND_TMQ_DELETE_SUB,
          MessageType.VND_TMQ_COMMIT_OFFSET,
          MessageType.VND_TMQ_ADD_CHECKINFO,
          MessageType.VND_TMQ_DEL_CHECKINFO);

  @Test
  void shouldHaveAnEntryForEveryRequestOfTheVnodeSegments() throws Exception {
    final Map<Integer, String> names = names();

    for (final var entry : names.entrySet()) {
      final int id = entry.getKey();
      final String name = entry.getValue();
      final MessageType type = MessageType.of(id);
      final boolean isVnodeSegment =
          (id & ~0xFF) == 0x200 || (id & ~0xFF) == 0x600 || (id & ~0xFF) == 0x700 || (id >> 8) == 8;
      final boolean isBound = name.endsWith("_MSG_MIN") || name.endsWith("_MSG_MAX");
      if (isVnodeSegment && !isBound && !name.endsWith("_RSP_RSP") && id % 2 == 1) {
        assertNotNull(type, name);
        assertEquals("TDMT_" + type.name(), name);
        assertEquals(id, type.id());
      } else {
        assertNull(type, name);
        assertEquals(MessageClass.UNKNOWN, MessageType.classOf(id), name);
      }
    }
    for (final MessageType type : MessageType.values()) {
      assertTrue(names.containsKey(type.id()), type.name());
    }
  }

  @Test
  void shouldTreatNumbersWithoutNameAsUnknown() {
    for (final int id : new int[] {-1, 0, 637, 767, 1700, 2100, 4095, 4096, 65535}) {
      assertEquals(MessageClass.UNKNOWN, MessageType.classOf(id));
      assertEquals("type-" + id, MessageType.nameOf(id));
    }
  }

  @Test
  void shouldPassOverOnlyWhatWasFoundToChangeNothing() {
    for (final MessageType type : MessageType.values()) {
      final boolean changesNothing = type.messageClass() == MessageClass.NO_CHANGE;

      assertEquals(CHANGES_NOTHING.contains(type), changesNothing, type.name());
    }
  }

  @Test
  void shouldGiveEveryChangeExactlyOneType() {
    final Set<MessageClass> seen = EnumSet.noneOf(MessageClass.class);

    for (final MessageType type : MessageType.values()) {
      final MessageClass messageClass = type.messageClass();
      if (messageClass != MessageClass.UNKNOWN && messageClass != MessageClass.NO_CHANGE) {
        assertTrue(seen.add(messageClass), type.name());
        assertEquals("VND_" + messageClass.name(), type.name());
      }
    }

    seen.add(MessageClass.UNKNOWN);
    seen.add(MessageClass.NO_CHANGE);
    assertEquals(EnumSet.allOf(MessageClass.class), seen);
  }

  private static Map<Integer, String> names() throws Exception {
    final FlatJson json = FlatJson.read(Corpus.resource("/tdengine/msgtypes.json"));
    final Map<Integer, String> names = new TreeMap<>();
    for (int id = 0; id < 1 << 16; id++) {
      if (json.has(Integer.toString(id))) {
        names.put(id, json.text(Integer.toString(id)));
      }
    }
    assertEquals(658, names.size());
    return names;
  }
}
