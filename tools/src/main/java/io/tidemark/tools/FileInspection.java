package io.tidemark.tools;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.metrics.CountersFile;
import io.tidemark.metrics.Metric;
import io.tidemark.metrics.MetricSample;
import io.tidemark.metrics.StoreCounters;
import io.tidemark.segment.Base;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.snapshot.Snapshot;
import io.tidemark.state.BlockSets;
import io.tidemark.state.BlockStates;
import io.tidemark.state.Catalog;
import io.tidemark.state.StateCounts;
import io.tidemark.storage.FileHeader;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import io.tidemark.tdengine.StoredVnode;
import io.tidemark.tdengine.VnodeConfig;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tracker.Checkpoint;
import io.tidemark.tracker.StoreIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Shows what one file of a store holds. */
final class FileInspection {
  private static final byte[] MAGIC = "TIDEMARK".getBytes(StandardCharsets.US_ASCII);

  /** The header's CRC is checked; what the payload means is the manifest's to say. */
  private static final int ANY_VERSION = 0xFFFF;

  private final Terminal terminal;

  FileInspection(Terminal terminal) {
    this.terminal = terminal;
  }

  void show(Path file) throws IOException {
    if (String.valueOf(file.getFileName()).equals(StoreCounters.FILE_NAME)) {
      showCounters(file);
      return;
    }
    FileType type =
        typeOf(file)
            .orElseThrow(
                () ->
                    new CommandFailedException(
                        ExitCode.USAGE, "neither a file of a store nor a directory: file=" + file));
    switch (type) {
      case STORE -> showIdentity(file);
      case SEGMENT -> showSegment(file);
      case SNAPSHOT -> showSnapshot(file);
      case CATALOG -> showCatalog(file);
      case CHECKPOINT -> showCheckpoint(file);
      case BASE -> showBaseFile(file);
      case BASE_MANIFEST -> showBase(file);
      case VNODE -> showVnode(file);
      case METADATA_STAMP, EMBEDDED_MANIFEST, EMBEDDED_DATA -> show(file, type, Map.of());
    }
  }

  private static Optional<FileType> typeOf(Path file) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(FileHeader.LENGTH);
    }
    if (start.length < MAGIC.length + Short.BYTES
        || !Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      return Optional.empty();
    }
    int code =
        Short.toUnsignedInt(
            ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getShort(MAGIC.length));
    return Arrays.stream(FileType.values()).filter(type -> type.code() == code).findFirst();
  }

  private void show(Path file, FileType type, Map<String, String> facts) throws IOException {
    long length = Files.size(file);
    terminal.event(
        "file",
        json -> {
          json.writeStringField("path", file.toString());
          json.writeStringField("type", type.name());
          json.writeNumberField("lengthBytes", length);
          for (Map.Entry<String, String> fact : facts.entrySet()) {
            json.writeStringField(fact.getKey(), fact.getValue());
          }
        });
    terminal.line(terminal.bold(type + " " + file));
    terminal.paragraph("length", length + " bytes");
    facts.forEach(terminal::paragraph);
  }

  private void showVnode(Path file) throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    try {
      VnodeConfig config = StoredVnode.read(file.toAbsolutePath().resolveSibling(""));
      facts.put("vgroup", Integer.toString(config.vgroupId()));
      facts.put("database", config.database());
      facts.put("precision", BlocksDocument.unitOf(config.precision()));
      facts.put("file set", config.minutesPerFileSet() + " minutes");
    } catch (WalDecodeException e) {
      throw new CommandFailedException(ExitCode.FAILED, String.valueOf(e.getMessage()), e);
    }
    show(file, FileType.VNODE, facts);
  }

  private void showCounters(Path file) throws IOException {
    MetricSample sample = CountersFile.open(file.toAbsolutePath().resolveSibling("")).sample();
    terminal.event(
        "counters",
        json -> {
          json.writeStringField("path", file.toString());
          json.writeNumberField("pid", sample.pid());
          json.writeStringField("epoch", Long.toString(sample.epoch()));
          json.writeNumberField("heartbeatMs", sample.heartbeatMs());
          json.writeBooleanField("closed", sample.isClosed());
          for (Map.Entry<Metric, Long> value : sample.values().entrySet()) {
            json.writeNumberField(value.getKey().id(), value.getValue());
          }
        });
    terminal.line(terminal.bold("COUNTERS " + file));
    terminal.paragraph(
        "writer",
        "process "
            + sample.pid()
            + ", opening "
            + sample.epoch()
            + ", last sign "
            + Instant.ofEpochMilli(sample.heartbeatMs())
            + (sample.isClosed() ? ", closed" : ""));
    sample
        .values()
        .forEach((metric, value) -> terminal.paragraph(metric.id(), Long.toString(value)));
  }

  private void showIdentity(Path file) throws IOException {
    StoreIdentity identity = StoreIdentity.open(file.toAbsolutePath().resolveSibling(""));
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("id", Long.toHexString(identity.storeId()));
    facts.put("tracks", identity.shard());
    facts.put("created", Instant.ofEpochMilli(identity.createdMs()).toString());
    show(file, FileType.STORE, facts);
  }

  private void showBaseFile(Path file) throws IOException {
    FileHeader header = PublishedFile.open(file, FileType.BASE, ANY_VERSION, 0).header();
    show(file, FileType.BASE, Map.of("through", "position " + header.lastPosition()));
  }

  private void showBase(Path file) throws IOException {
    Base base = Base.open(FileStorageIO.INSTANCE, file, 0, false);
    EntryCounter controls = new EntryCounter();
    base.forEachControl(controls);
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("through", "position " + base.lastPosition());
    facts.put("blocks", Long.toString(base.rowCount()));
    facts.put("files", base.files().size() + ", " + base.lengthBytes() + " bytes");
    facts.put("controls", controls.inWords());
    show(file, FileType.BASE_MANIFEST, facts);
  }

  private void showSegment(Path file) throws IOException {
    ChangeSegment segment = ChangeSegment.open(file, 0);
    EntryCounter controls = new EntryCounter();
    segment.forEachControl(controls);
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("positions", segment.firstPosition() + " to " + segment.lastPosition());
    facts.put("generation", Integer.toUnsignedString(segment.generation()));
    facts.put("blocks", Integer.toString(segment.changedCount()));
    facts.put("changes", Long.toString(segment.eventCount()));
    facts.put("bitmap", segment.bitmapLengthBytes() + " bytes");
    if (segment.changedCount() > 0) {
      facts.put(
          "WAL",
          Long.toUnsignedString(segment.minWalOffset())
              + " to "
              + Long.toUnsignedString(segment.maxWalOffset()));
      facts.put(
          "time",
          Instant.ofEpochSecond(0, segment.minTimestampNs())
              + " to "
              + Instant.ofEpochSecond(0, segment.maxTimestampNs()));
    }
    if (segment.hasFlushAll()) {
      facts.put("flushed", "all up to " + Long.toUnsignedString(segment.flushAllOffset()));
    }
    facts.put("controls", controls.inWords());
    show(file, FileType.SEGMENT, facts);
  }

  /** Writes the fields of a segment. */
  static void writeSegment(JsonGenerator json, ChangeSegment segment) throws IOException {
    boolean hasChange = segment.changedCount() > 0;
    json.writeStringField("firstPosition", Long.toString(segment.firstPosition()));
    json.writeStringField("lastPosition", Long.toString(segment.lastPosition()));
    json.writeStringField("generation", Integer.toUnsignedString(segment.generation()));
    json.writeStringField(
        "firstWalOffset", hasChange ? Long.toUnsignedString(segment.minWalOffset()) : null);
    json.writeStringField(
        "lastWalOffset", hasChange ? Long.toUnsignedString(segment.maxWalOffset()) : null);
    json.writeNumberField("blocks", segment.changedCount());
    json.writeNumberField("changes", segment.eventCount());
    json.writeNumberField("bitmapLengthBytes", segment.bitmapLengthBytes());
  }

  private void showSnapshot(Path file) throws IOException {
    BlockStates.Image image = Snapshot.open(file, 0);
    BlockStates states = new BlockStates(BlockSets.ROARING, image);
    StateCounts counts = states.counts();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("known", Long.toString(counts.known()));
    facts.put("new", Long.toString(counts.created()));
    facts.put("dirty", Long.toString(counts.dirty()));
    facts.put("deleted", Long.toString(counts.deleted()));
    facts.put("clean", Long.toString(counts.clean()));
    facts.put("highest", states.highest().toString());
    facts.put("cursor", Long.toString(image.cursor()));
    show(file, FileType.SNAPSHOT, facts);
  }

  private void showCatalog(Path file) throws IOException {
    Catalog catalog = Catalog.open(file, 0);
    BlockNames names = BlockNames.of(catalog);
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("names", Integer.toString(catalog.size()));
    show(file, FileType.CATALOG, facts);
    for (long id : catalog.ids()) {
      String name = names.describe(id);
      terminal.line("  " + Long.toUnsignedString(id) + "  " + name);
      terminal.event(
          "name",
          json -> {
            json.writeStringField("block", Long.toUnsignedString(id));
            json.writeStringField("name", name);
          });
    }
  }

  private void showCheckpoint(Path file) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(file, 0);
    Path root = file.toAbsolutePath().resolveSibling("");
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("number", Long.toString(checkpoint.number()));
    facts.put("position", Long.toString(checkpoint.position()));
    facts.put("epoch", Long.toString(checkpoint.epoch()));
    facts.put("next block", Long.toUnsignedString(checkpoint.nextBlockId()));
    show(file, FileType.CHECKPOINT, facts);
    for (Checkpoint.NamedFile named : checkpoint.files()) {
      boolean isThere = named.isThere(root);
      terminal.line(
          "  " + named.path() + "  " + named.length() + " bytes" + (isThere ? "" : "  NOT THERE"));
      terminal.event(
          "named",
          json -> {
            json.writeStringField("path", named.path());
            json.writeNumberField("lengthBytes", named.length());
            json.writeBooleanField("there", isThere);
          });
    }
  }
}
