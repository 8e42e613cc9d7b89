package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockMetadata;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every answer about every log of the corpus equals a brute-force list over another decode. */
class ChangedBlocksTest {
  @TempDir Path directory;

  static Stream<VnodeDirectory> vnodes() {
    return Corpus.vnodes();
  }

  private static ChangeOracle oracle(VnodeDirectory vnode) throws Exception {
    return new ChangeOracle(
        BruteForceWal.read(vnode.walDirectory()), vnode.config().fileSets().ticksPerFileSet());
  }

  private static long lastVersion(VnodeDirectory vnode) throws Exception {
    List<BruteForceWal.Message> messages = BruteForceWal.read(vnode.walDirectory());
    return messages.get(messages.size() - 1).version();
  }

  @ParameterizedTest
  @MethodSource("vnodes")
  void shouldAnswerAfterEveryVersion(VnodeDirectory vnode) throws Exception {
    ChangeOracle oracle = oracle(vnode);
    long last = lastVersion(vnode);

    try (VnodeStore store = new VnodeStore(vnode, directory)) {
      store.catchUp();

      assertEquals(
          oracle.changed(event -> true), store.exact(store.tracker().view().changedEver()));
      for (long version = 0; version <= last; version++) {
        long base = version;
        assertEquals(
            oracle.changed(event -> event.version() > base),
            store.exact(store.after(base)),
            "after version " + base);
      }
      assertEquals(Verdict.NOT_READY, store.after(last + 1).verdict());
      assertEquals(Verdict.EXACT, store.after(-1L).verdict());
      assertTrue(store.after(-1L).changes().isEmpty());
    }
  }

  @ParameterizedTest
  @MethodSource("vnodes")
  void shouldAnswerEveryClosedRange(VnodeDirectory vnode) throws Exception {
    ChangeOracle oracle = oracle(vnode);
    long last = lastVersion(vnode);

    try (VnodeStore store = new VnodeStore(vnode, directory)) {
      store.catchUp();

      for (long from = 0; from <= last; from++) {
        for (long to = from; to <= last; to++) {
          long first = from;
          long end = to;
          assertEquals(
              oracle.changed(event -> event.version() >= first && event.version() <= end),
              store.exact(
                  store
                      .tracker()
                      .view()
                      .changedIn(new WalPosition(1, first), new WalPosition(1, end))),
              "range " + first + " to " + end);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("vnodes")
  void shouldAnswerSinceEveryTimestamp(VnodeDirectory vnode) throws Exception {
    ChangeOracle oracle = oracle(vnode);

    try (VnodeStore store = new VnodeStore(vnode, directory)) {
      store.catchUp();

      for (ChangeOracle.Event from : oracle.events()) {
        for (long since : new long[] {from.timestampNs(), from.timestampNs() + 1}) {
          assertEquals(
              oracle.changed(event -> event.timestampNs() >= since),
              store.exact(store.tracker().view().changedBetween(since, Long.MAX_VALUE)),
              "since " + since);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("vnodes")
  void shouldKeepTheStateAndMetadataOfEveryBlock(VnodeDirectory vnode) throws Exception {
    ChangeOracle oracle = oracle(vnode);
    Map<String, BlockMaxima> history = new HashMap<>();
    for (ChangeOracle.Event event : oracle.events()) {
      history
          .computeIfAbsent(event.block(), unused -> new BlockMaxima())
          .fold(event.type(), 1, event.version());
    }
    for (BlockMaxima maxima : history.values()) {
      for (long flush : oracle.flushes()) {
        maxima.fold(BlockEventType.FLUSH, 1, flush);
      }
    }

    try (VnodeStore store = new VnodeStore(vnode, directory)) {
      store.catchUp();

      assertEquals(history.size(), store.tracker().counts().known());
      for (long id : store.tracker().catalog().ids()) {
        BlockMaxima maxima = Objects.requireNonNull(history.get(store.keyOf(id)));
        BlockMetadata metadata = Objects.requireNonNull(store.tracker().metadata(id));
        assertEquals(maxima.state(), store.tracker().state(id), store.keyOf(id));
        assertEquals(maxima.lastChange(), metadata.last(), store.keyOf(id));
      }
    }
  }
}
