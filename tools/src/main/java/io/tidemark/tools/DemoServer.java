package io.tidemark.tools;

import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalReader;
import io.tidemark.tdengine.WalRecord;
import io.tidemark.tdengine.WalSegment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Stands in for taosd: makes the data directory what a real server's was at three moments, at once
 * or record by record.
 */
final class DemoServer {

  /**
   * One record of the WAL that the server is still to write.
   *
   * @param source the file that holds it
   * @param target the file it is appended to
   * @param offset where it lies in both
   */
  private record Pending(Path source, Path target, long offset, long length, long timestampUs) {}

  private final Path data;
  private final Path staging;
  private final Deque<Pending> pending = new ArrayDeque<>();

  DemoServer(Path data, Path staging) {
    this.data = data;
    this.staging = staging;
  }

  Path data() {
    return data;
  }

  /** Makes everything written that the server had written at a moment, 1 to 3. */
  void writeAll(int moment) throws IOException {
    unpack(moment, data);
  }

  /**
   * Gets ready to write what is new at a moment, record by record in the order of the server.
   *
   * @return the number of records
   */
  int prepare(int moment) throws IOException {
    unpack(moment, staging);
    List<Pending> found = new ArrayList<>();
    for (VnodeDirectory vnode : VnodeDirectory.find(staging)) {
      try (WalReader reader = WalReader.open(vnode.walDirectory())) {
        for (WalReader.Step step = reader.next();
            step != WalReader.Step.END;
            step = reader.next()) {
          if (step == WalReader.Step.RECORD) {
            addIfNew(reader.record(), reader.segments(), found);
          }
        }
      }
    }
    found.sort(Comparator.comparingLong(Pending::timestampUs));
    pending.addAll(found);
    return found.size();
  }

  private void addIfNew(WalRecord record, List<WalSegment> segments, List<Pending> found)
      throws IOException {
    for (WalSegment segment : segments) {
      if (segment.firstVersion() == record.segmentFirstVersion()) {
        Path target = data.resolve(staging.relativize(segment.file()));
        if (!Files.exists(target) || Files.size(target) <= record.fileOffset()) {
          found.add(
              new Pending(
                  segment.file(),
                  target,
                  record.fileOffset(),
                  record.lengthBytes(),
                  record.ingestTimestampUs()));
        }
      }
    }
  }

  /** Appends the next record to the WAL it belongs to. */
  void writeNext() throws IOException {
    Pending next = pending.remove();
    try (FileChannel from = FileChannel.open(next.source, StandardOpenOption.READ);
        FileChannel to =
            FileChannel.open(next.target, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      to.position(next.offset);
      from.transferTo(next.offset, next.length, to);
    }
  }

  /** Returns how many prepared records are not written yet. */
  int pendingCount() {
    return pending.size();
  }

  private static void unpack(int moment, Path directory) throws IOException {
    String name = "/demo/snapshot-" + moment + ".zip";
    try (InputStream in = DemoServer.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("resource is missing: name=" + name);
      }
      ZipInputStream zip = new ZipInputStream(in);
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = directory.resolve(entry.getName()).normalize();
        if (!file.startsWith(directory)) {
          throw new IOException("entry leads outside: name=" + entry.getName());
        }
        Files.createDirectories(file.resolveSibling(""));
        Files.copy(zip, file, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
