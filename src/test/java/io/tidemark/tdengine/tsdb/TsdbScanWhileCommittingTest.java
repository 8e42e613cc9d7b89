package io.tidemark.tdengine.tsdb;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tdengine.Corpus;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.testing.FileTrees;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scan beside a server that commits sees one moment between two commits. */
class TsdbScanWhileCommittingTest {
  private static final List<String> COMMITS =
      List.of("s2-wave1-flushed/vnode23", "s4-wave2-flushed/vnode23", "s6-wave3-flushed/vnode23");

  @TempDir Path directory;

  @Test
  void shouldSeeOneMomentWhileFilesAreReplaced() throws Exception {
    Set<List<TableRows>> moments = new HashSet<>();
    for (String commit : COMMITS) {
      moments.add(TsdbScanner.scan(vnode(Corpus.root().resolve(commit))).tables());
    }
    Path copy = directory.resolve("vnode23");
    FileTrees.copy(Corpus.root().resolve(COMMITS.get(0)), copy);
    VnodeDirectory vnode = vnode(copy);
    AtomicBoolean isOver = new AtomicBoolean();
    Semaphore commits = new Semaphore(0);
    Semaphore finished = new Semaphore(1);
    Thread server = new Thread(() -> commit(vnode, commits, finished, isOver));
    server.start();

    Set<List<TableRows>> seen = new HashSet<>();
    try {
      int rounds = Rounds.of("tidemark.tsdb.scans", 1000, 200);
      for (int i = 0; i < rounds; i++) {
        // One commit a scan: a list never comes back while it is scanned, as a server's never does.
        if (finished.tryAcquire()) {
          commits.release();
        }
        List<TableRows> tables = TsdbScanner.scan(vnode).tables();
        assertTrue(moments.contains(tables), "tables=" + tables);
        seen.add(tables);
      }
    } finally {
      isOver.set(true);
      commits.release();
      server.join();
    }
    assertTrue(seen.size() > 1, "seen=" + seen.size());
  }

  private static VnodeDirectory vnode(Path path) throws IOException {
    return VnodeDirectory.find(path).get(0);
  }

  /** Goes from moment to moment as the server does: files, list, vnode.json, old files. */
  private static void commit(
      VnodeDirectory vnode, Semaphore commits, Semaphore finished, AtomicBoolean isOver) {
    try {
      for (int round = 1; ; round++) {
        commits.acquireUninterruptibly();
        if (isOver.get()) {
          return;
        }
        Path next = Corpus.root().resolve(COMMITS.get(round % COMMITS.size()));
        Set<String> listed = new HashSet<>();
        for (Path file : FileTrees.files(next.resolve("tsdb"))) {
          String name = String.valueOf(file.getFileName());
          listed.add(name);
          Path target = vnode.dataFileDirectory().resolve(name);
          if (!name.equals(CurrentFiles.FILE_NAME) && !Files.exists(target)) {
            Files.copy(file, target);
          }
        }
        replace(
            next.resolve("tsdb/current.json"), vnode.dataFileDirectory().resolve("current.json"));
        replace(next.resolve("vnode.json"), vnode.configFile());
        for (Path file : FileTrees.files(vnode.dataFileDirectory())) {
          if (!listed.contains(String.valueOf(file.getFileName()))) {
            Files.delete(file);
          }
        }
        finished.release();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void replace(Path from, Path to) throws IOException {
    Path temporary = to.resolveSibling("replacing.json");
    Files.copy(from, temporary, StandardCopyOption.REPLACE_EXISTING);
    Files.move(temporary, to, StandardCopyOption.ATOMIC_MOVE);
  }
}
