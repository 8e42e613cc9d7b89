package io.tidemark.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.WalPosition;
import io.tidemark.storage.Directories;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.testing.EntryLog;
import io.tidemark.testing.Event;
import io.tidemark.testing.FileTrees;
import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The base, and what base and segments together say of each block, against a list of events. */
class BaseTest {
  private static final long STORE_ID = 4711;
  private static final int ROWS_PER_FILE = 10;

  @TempDir Path root;
  private int directories;

  private static Base fold(Path directory, @Nullable Base before, List<ChangeSegment> segments)
      throws IOException {
    return new BaseFolder(
            FileStorageIO.INSTANCE, directory, STORE_ID, before, segments, ROWS_PER_FILE)
        .fold(ControlCompactor.KEEP_ALL);
  }

  private Path newDirectory() throws IOException {
    return Files.createDirectory(root.resolve("base" + directories++));
  }

  /** Events of several generations in adjoining segments. */
  private static final class History {
    final List<Event> events = new ArrayList<>();
    final List<Integer> ends = new ArrayList<>();
    final List<ChangeSegment> segments = new ArrayList<>();
    final EntryLog controls = new EntryLog();

    History(Random random, int count) {
      List<Long> ids = new ArrayList<>();
      for (int i = random.nextInt(60) + 1; i > 0; i--) {
        ids.add(random.nextBoolean() ? Unsigned.any(random) : random.nextInt(20) * 50_000L);
      }
      int position = 1;
      for (int i = 0; i < count; i++) {
        int generation = 1 + random.nextInt(2) * i;
        OpenSegment open = new OpenSegment(generation, position, i);
        for (int left = random.nextInt(60); left > 0; left--) {
          Event event =
              Event.any(
                  random,
                  ids.get(random.nextInt(ids.size())),
                  generation,
                  random.nextInt(8) == 0 ? Unsigned.any(random) : random.nextInt(300));
          events.add(event);
          open.onEvent(
              position++,
              generation,
              event.type(),
              event.blockId(),
              event.walOffset(),
              event.timestampNs());
        }
        open.onFlushAll(position, generation, 10L * i, 1);
        controls.onFlushAll(position++, generation, 10L * i, 1);
        // The entry that a flush takes has no event; the list keeps positions and indexes apart.
        events.add(new Event(BlockEventType.FLUSH, FLUSH_ALL, generation, 10L * i, 1));
        ends.add(events.size());
        segments.add(open.toSegment());
      }
    }

    SortedMap<Long, List<Event>> byBlock(int from) {
      SortedMap<Long, List<Event>> result = new TreeMap<>(Long::compareUnsigned);
      for (Event event : events.subList(from, events.size())) {
        if (event.blockId() != FLUSH_ALL) {
          result.computeIfAbsent(event.blockId(), id -> new ArrayList<>()).add(event);
        }
      }
      return result;
    }
  }

  private static final long FLUSH_ALL = 0x1234_5678_9ABC_DEF0L;

  private static boolean has(@Nullable List<Event> events, BlockEventType type) {
    return events != null && events.stream().anyMatch(event -> event.type() == type);
  }

  private static void assertHistory(List<Event> all, @Nullable List<Event> after, BlockHistory is) {
    BlockMaxima maxima = new BlockMaxima();
    all.forEach(event -> maxima.fold(event.type(), event.generation(), event.walOffset()));
    List<Event> changes = new ArrayList<>(all);
    changes.removeIf(event -> !event.type().isChange());
    for (BlockEventType type : BlockEventType.values()) {
      if (type != BlockEventType.UPDATE) {
        assertEquals(maxima.has(type), is.maxima().has(type));
        assertEquals(maxima.walOffset(type), is.maxima().walOffset(type));
        assertEquals(maxima.generation(type), is.maxima().generation(type));
      }
    }
    assertEquals(maxima.lastChange(), is.maxima().lastChange());
    assertEquals(maxima.state(), is.maxima().state());
    assertEquals(!changes.isEmpty(), is.hasChange());
    if (is.hasChange()) {
      changes.sort(
          Comparator.comparing(Event::position).thenComparing(event -> event.type().rank()));
      Event last = changes.get(changes.size() - 1);
      assertEquals(last.type(), is.lastType());
      assertEquals(last.timestampNs(), is.lastTimestampNs());
    } else {
      assertEquals(Long.MIN_VALUE, is.lastTimestampNs());
    }
    boolean hasChangeAfter =
        after != null && after.stream().anyMatch(event -> event.type().isChange());
    assertEquals(hasChangeAfter, is.hasChangeAfter());
    assertEquals(has(after, BlockEventType.CREATE), is.hasCreateAfter());
    assertEquals(has(after, BlockEventType.DELETE), is.hasDeleteAfter());
  }

  private static void assertSays(History history, @Nullable Base base, int cut) {
    long position = cut == 0 ? 0 : history.segments.get(cut - 1).lastPosition();
    SortedMap<Long, List<Event>> all = history.byBlock(0);
    SortedMap<Long, List<Event>> after = history.byBlock(cut == 0 ? 0 : history.ends.get(cut - 1));
    HistoryCursor cursor = new HistoryCursor(base, history.segments, position);
    HistoryLookup lookup = new HistoryLookup(base, history.segments, position);
    for (var block : all.entrySet()) {
      long id = block.getKey();
      assertTrue(cursor.next());
      assertEquals(id, cursor.history().blockId());
      assertHistory(block.getValue(), after.get(id), cursor.history());
      BlockHistory found = lookup.find(id);
      assertNotNull(found);
      assertHistory(block.getValue(), after.get(id), found);
      if (!all.containsKey(id + 1)) {
        assertNull(lookup.find(id + 1));
      }
    }
    assertFalse(cursor.next());
  }

  @Test
  void shouldSayOfEachBlockWhatItsEventsSay() {
    Seeds.each(
        150,
        random -> {
          History history = new History(random, 1 + random.nextInt(6));
          int count = history.segments.size();
          assertSays(history, null, random.nextInt(count + 1));
          Path directory = newDirectory();
          Base base = null;
          int folded = 0;
          while (folded < count) {
            // What is in the base already does no harm.
            int from = random.nextInt(folded + 1);
            folded += 1 + random.nextInt(count - folded);
            base = fold(directory, base, history.segments.subList(from, folded));
            assertSays(history, base, folded + random.nextInt(count - folded + 1));
            assertSays(history, base, 0);
          }

          assertNotNull(base);
          base.deleteOthers(FileStorageIO.INSTANCE, directory);
          Base.Found found =
              Base.openNewest(FileStorageIO.INSTANCE, directory, STORE_ID, random.nextBoolean());

          assertEquals(List.of(), found.dropped());
          assertSays(history, found.base(), count);
          assertBase(history, base);
          FileTrees.delete(directory);
        });
  }

  private static void assertBase(History history, Base base) {
    int last = history.segments.size() - 1;
    assertEquals(history.segments.get(last).lastPosition(), base.lastPosition());
    assertEquals(last, base.nextBlockId());
    assertEquals(history.byBlock(0).size(), base.rowCount());
    WalPosition flushAll =
        history.events.stream()
            .filter(event -> event.blockId() == FLUSH_ALL)
            .map(Event::position)
            .max(Comparator.naturalOrder())
            .orElseThrow();
    assertEquals(flushAll, base.flushAll());
    EntryLog controls = new EntryLog();
    base.forEachControl(controls);
    assertEquals(history.controls.lines(), controls.lines());
    for (BaseFile file : base.files()) {
      ChangeCursor block = file.changes();
      while (block.next()) {
        List<Event> changes = new ArrayList<>(history.byBlock(0).get(block.blockId()));
        changes.removeIf(event -> !event.type().isChange());
        WalPosition first =
            changes.stream().map(Event::position).min(Comparator.naturalOrder()).orElseThrow();
        long min = changes.stream().mapToLong(Event::timestampNs).min().orElseThrow();
        long max = changes.stream().mapToLong(Event::timestampNs).max().orElseThrow();
        assertEquals(first, new WalPosition(block.firstGeneration(), block.firstOffset()));
        assertEquals(min, block.minTimestampNs());
        assertEquals(max, block.maxTimestampNs());
        assertTrue(file.firstChange().compareTo(first) <= 0);
        assertTrue(file.minTimestampNs() <= min && file.maxTimestampNs() >= max);
      }
      assertFalse(file.hasEvents());
    }
  }

  /** Returns a segment with an update of each block. */
  private static ChangeSegment updates(long position, long... ids) {
    OpenSegment open = new OpenSegment(1, position, 1);
    for (int i = 0; i < ids.length; i++) {
      open.onEvent(position + i, 1, BlockEventType.UPDATE, ids[i], position + i, 1);
    }
    return open.toSegment();
  }

  private static long[] everyContainer(int count) {
    long[] ids = new long[count];
    for (int i = 0; i < count; i++) {
      ids[i] = i * 1_000_000_007L * 65_536L;
    }
    return ids;
  }

  @Test
  void shouldRefuseAPositionInsideOfWhatWasMerged() throws IOException {
    Base base = fold(newDirectory(), null, List.of(updates(1, 7, 8, 9)));
    ChangeSegment segment = updates(4, 7, 8);

    IllegalArgumentException inBase =
        assertThrows(
            IllegalArgumentException.class, () -> new HistoryCursor(base, List.of(segment), 2));
    IllegalArgumentException inSegment =
        assertThrows(
            IllegalArgumentException.class, () -> new HistoryLookup(base, List.of(segment), 4));

    assertEquals("position cuts the base: last=3, position=2", inBase.getMessage());
    assertEquals("position cuts a segment: first=4, last=5, position=4", inSegment.getMessage());
  }

  @Test
  void shouldPutIdsThatLieFarApartIntoFewFiles() throws IOException {
    Base base = fold(newDirectory(), null, List.of(updates(1, everyContainer(95))));

    assertEquals(10, base.files().size());
    assertEquals(95, base.rowCount());
  }

  @Test
  void shouldWriteOnlyTheFilesThatAreTouched() throws IOException {
    Path directory = newDirectory();
    long[] ids = everyContainer(95);
    Base base = fold(directory, null, List.of(updates(1, ids)));

    Base next = fold(directory, base, List.of(updates(96, ids[17], ids[94])));

    long written = next.files().stream().filter(file -> file.range().position() == 97).count();
    assertEquals(2, written);
    assertEquals(95, next.rowCount());
  }

  @Test
  void shouldSplitAFileThatGrows() throws IOException {
    Path directory = newDirectory();
    Base base = fold(directory, null, List.of(updates(1, 7)));
    assertEquals(1, base.files().size());

    Base next = fold(directory, base, List.of(updates(2, everyContainer(31))));

    assertEquals(4, next.files().size());
    assertEquals(32, next.rowCount());
  }

  @Test
  void shouldStayWhatItIsWhenThereIsNothingToFold() throws IOException {
    Path directory = newDirectory();
    Base base = fold(directory, null, List.of(updates(1, 7)));

    assertSame(base, fold(directory, base, List.of(updates(1, 7))));
    assertThrows(IllegalArgumentException.class, () -> fold(directory, null, List.of()));
  }

  @Test
  void shouldRefuseToLeaveAnythingOut() throws IOException {
    Path directory = newDirectory();
    Base base = fold(directory, null, List.of(updates(1, 7)));

    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> fold(directory, base, List.of(updates(3, 7))));

    assertEquals("positions are missing before a segment: last=1, first=3", e.getMessage());
  }

  @Test
  void shouldGoBackToTheBaseBeforeWhenAFileIsDamagedOrGone() throws IOException {
    Path directory = newDirectory();
    Base first = fold(directory, null, List.of(updates(1, everyContainer(30))));
    Base second = fold(directory, first, List.of(updates(31, 0)));
    Path rewritten = directory.resolve(second.files().get(0).range().fileName());
    Path manifest = directory.resolve(BaseManifest.fileName(second.lastPosition()));

    for (Path file : List.of(manifest, rewritten)) {
      byte[] intact = Files.readAllBytes(file);
      for (int at = 0; at < intact.length; at += 7) {
        byte[] damaged = intact.clone();
        damaged[at] ^= 4;
        Files.write(file, damaged);
        Base.Found found = Base.openNewest(FileStorageIO.INSTANCE, directory, STORE_ID, false);
        assertNotNull(found.base());
        assertEquals(30, found.base().lastPosition(), "byte " + at + " of " + file);
        assertEquals(1, found.dropped().size());
      }
      Files.write(file, intact);
    }
    Files.delete(rewritten);
    Base.Found found = Base.openNewest(FileStorageIO.INSTANCE, directory, STORE_ID, false);

    assertNotNull(found.base());
    assertEquals(30, found.base().lastPosition());
    assertEquals(List.of("file of the base is missing: file=" + rewritten), found.dropped());
  }

  @Test
  void shouldNotTakeAnotherFoldsFileForTheNamedOne() throws IOException {
    Path directory = newDirectory();
    Path other = newDirectory();
    Base base = fold(directory, null, List.of(updates(1, 7)));
    fold(other, null, List.of(updates(1, 8)));
    Path file = directory.resolve(base.files().get(0).range().fileName());
    Files.write(file, Files.readAllBytes(other.resolve(file.getFileName())));

    Base.Found found = Base.openNewest(FileStorageIO.INSTANCE, directory, STORE_ID, true);

    assertNull(found.base());
    assertEquals(
        List.of("file is not the one that the base's manifest names: file=" + file),
        found.dropped());
  }

  @Test
  void shouldKeepOnlyWhatItNames() throws IOException {
    Path directory = newDirectory();
    Base base = fold(directory, null, List.of(updates(1, everyContainer(30))));
    Base next = fold(directory, base, List.of(updates(31, 0)));
    assertEquals(3 + 1 + 1 + 1, Directories.list(directory).size());

    next.deleteOthers(FileStorageIO.INSTANCE, directory);

    assertEquals(3 + 1, Directories.list(directory).size());
    assertEquals(30, next.rowCount());
    assertEquals(
        List.of(), Base.openNewest(FileStorageIO.INSTANCE, directory, STORE_ID, false).dropped());
  }
}
