package io.tidemark.tdengine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns what the library decodes into the oracle's form, to compare the two. */
final class LibraryMessages {
  private LibraryMessages() {}

  /**
   * Decodes one record.
   *
   * @param keysOf where to borrow the key columns beyond the timestamp from; null: none
   */
  static BruteForceWal.Message of(WalRecord record, BruteForceWal.@Nullable Message keysOf)
      throws WalDecodeException {
    List<BruteForceWal.TableRows> submitted = List.of();
    List<BruteForceWal.Table> created = List.of();
    List<BruteForceWal.Table> dropped = List.of();
    BruteForceWal.Stable stable = null;
    String altered = null;
    BruteForceWal.Delete delete = null;
    switch (record.messageClass()) {
      case SUBMIT -> submitted = submitted(record, keysOf);
      case CREATE_TABLE -> created = created(record);
      case DROP_TABLE -> dropped = dropped(record);
      case CREATE_STB, ALTER_STB, DROP_STB -> {
        final StableDecoder decoder = new StableDecoder().wrap(record);
        stable = new BruteForceWal.Stable(decoder.name(), decoder.suid());
      }
      case ALTER_TABLE -> altered = new AlterTableDecoder().wrap(record).name();
      case DELETE -> delete = delete(record);
      case COMMIT, NO_CHANGE -> {}
      case UNKNOWN -> throw new WalDecodeException("unknown: " + record);
    }
    return new BruteForceWal.Message(
        record.version(),
        record.messageType(),
        record.term(),
        record.ingestTimestampUs(),
        record.bodyChecksum(),
        record.segmentFirstVersion(),
        Math.toIntExact(record.fileOffset()),
        record.bodyLength(),
        record.buffer().getInt(record.bodyOffset() + Integer.BYTES),
        submitted,
        created,
        dropped,
        stable,
        altered,
        delete);
  }

  private static List<BruteForceWal.TableRows> submitted(
      WalRecord record, BruteForceWal.@Nullable Message keysOf) throws WalDecodeException {
    final List<BruteForceWal.TableRows> tables = new ArrayList<>();
    final SubmitDecoder decoder = new SubmitDecoder().wrap(record);
    while (decoder.nextTable()) {
      final List<BruteForceWal.Row> rows = new ArrayList<>();
      for (int i = 0; i < decoder.rowCount(); i++) {
        final String key =
            keysOf == null ? "" : keysOf.submitted().get(tables.size()).rows().get(i).key();
        rows.add(new BruteForceWal.Row(decoder.timestamps()[i], key));
      }
      final long min = rows.stream().mapToLong(BruteForceWal.Row::timestamp).min().orElse(-1);
      final long max = rows.stream().mapToLong(BruteForceWal.Row::timestamp).max().orElse(-1);
      if (!rows.isEmpty() && (min != decoder.minTimestamp() || max != decoder.maxTimestamp())) {
        throw new AssertionError("wrong bounds: min=" + decoder.minTimestamp());
      }
      final CreateTableRequest request = decoder.createRequest();
      tables.add(
          new BruteForceWal.TableRows(
              decoder.uid(),
              decoder.suid(),
              request == null ? null : table(request),
              decoder.isColumnFormat(),
              rows));
    }
    return tables;
  }

  private static List<BruteForceWal.Table> created(WalRecord record) throws WalDecodeException {
    final List<BruteForceWal.Table> tables = new ArrayList<>();
    final CreateTableDecoder decoder = new CreateTableDecoder().wrap(record);
    while (decoder.nextTable()) {
      tables.add(table(decoder.request()));
    }
    return tables;
  }

  private static BruteForceWal.Table table(CreateTableRequest request) throws WalDecodeException {
    return new BruteForceWal.Table(
        request.name(), request.uid(), request.suid(), request.stableName());
  }

  private static List<BruteForceWal.Table> dropped(WalRecord record) throws WalDecodeException {
    final List<BruteForceWal.Table> tables = new ArrayList<>();
    final DropTableDecoder decoder = new DropTableDecoder().wrap(record);
    while (decoder.nextTable()) {
      tables.add(new BruteForceWal.Table(decoder.name(), decoder.uid(), decoder.suid(), null));
    }
    return tables;
  }

  private static BruteForceWal.Delete delete(WalRecord record) throws WalDecodeException {
    final DeleteDecoder decoder = new DeleteDecoder().wrap(record);
    final List<Long> uids = new ArrayList<>();
    for (int i = 0; i < decoder.uidCount(); i++) {
      uids.add(decoder.uid(i));
    }
    return new BruteForceWal.Delete(
        decoder.suid(),
        uids,
        decoder.firstTimestamp(),
        decoder.lastTimestamp(),
        decoder.affectedRows(),
        decoder.tableName());
  }
}
