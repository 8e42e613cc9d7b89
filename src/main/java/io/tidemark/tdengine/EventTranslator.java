package io.tidemark.tdengine;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;
import io.tidemark.state.Catalog;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.Coverage;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/**
 * Turns one WAL record after another into block events.
 *
 * <p>Used by one thread.
 */
final class EventTranslator {

  /*
   * The table of events:
   *   SUBMIT            each distinct file set of its rows: CREATE if the id is given now, else UPDATE;
   *                     auto-create also as CREATE_TABLE, unless that very table is there: a client may ask
   *                     for it with every row, and the server does it once
   *   CREATE_TABLE/STB  CREATE of the definition
   *   ALTER_TABLE/STB   UPDATE of the definition; a name is a hole unless a live table is known to have
   *                     it still: in a hole it may have gone to another one
   *   DROP_TABLE        DELETE of the definition and of every known data block below it
   *   DROP_STB          the same, and of the definitions of its tables that were not dropped
   *   DELETE            if it affected rows, for each table: UPDATE of the known data blocks that the
   *                     time range touches and of the definition; a tombstone
   *   COMMIT            FLUSH of everything up to here
   *   no change         nothing
   * Anything that cannot be read to its end raises WalDecodeException: a hole of one version.
   */

  private static final long NS_PER_US = 1_000;

  /** Begins the reason of a hole that hides no names: whose definition changed is unknown. */
  private static final String ALTERED_UNKNOWN = "altered table ";

  private final EventBatch batch;
  private final FileSets fileSets;
  private final VnodeBlocks blocks = new VnodeBlocks();
  private final SubmitDecoder submit = new SubmitDecoder();
  private final CreateTableDecoder createTable = new CreateTableDecoder();
  private final DropTableDecoder dropTable = new DropTableDecoder();
  private final StableDecoder stable = new StableDecoder();
  private final AlterTableDecoder alterTable = new AlterTableDecoder();
  private final DeleteDecoder delete = new DeleteDecoder();
  private long nextBlockId;

  /** Version behind all holes. */
  private long knownFrom;

  private long walOffset;
  private long timestampNs;

  EventTranslator(EventBatch batch, FileSets fileSets, ChangeTracker tracker) {
    this.batch = batch;
    this.fileSets = fileSets;
    this.nextBlockId = tracker.nextBlockId();
    this.knownFrom = tracker.coverage().knownFrom(reason -> !reason.startsWith(ALTERED_UNKNOWN));
    Catalog catalog = tracker.catalog();
    for (long id : catalog.ids()) {
      blocks.add(id, BlockName.decode(Objects.requireNonNull(catalog.name(id))));
    }
    for (BlockChange change : tracker.view().changedEver().changes()) {
      byte[] name = catalog.name(change.blockId());
      if (name != null) {
        noteEver(change, BlockName.decode(name), tracker.coverage());
      }
    }
  }

  private void noteEver(BlockChange change, BlockName block, Coverage coverage) {
    if (block.kind() == BlockName.Kind.STABLE) {
      return;
    }
    VnodeBlocks.Table table = blocks.table(block.uid(), block.suid());
    if (change.kind() == ChangeKind.DELETED && block.kind() == BlockName.Kind.TABLE) {
      blocks.setDropped(table, true);
    }
    WalPosition last = change.last();
    if (last.generation() == coverage.generation()
        && last.walOffset() >= coverage.firstOwn(last.generation())) {
      table.seeAt(last.walOffset());
    }
  }

  /**
   * Takes into account that versions through one are a hole: tables may have changed their names'
   * owner.
   */
  void hide(long lastVersion) {
    knownFrom = Math.max(knownFrom, lastVersion + 1);
  }

  /** Takes into account that the log went back: tables may be there again that a hole hid. */
  void goBack(long firstOwn) {
    if (knownFrom > 0) {
      knownFrom = firstOwn;
      blocks.goBack(firstOwn);
    }
  }

  /** Marks a table's definition block as changed by a rollback: the table may be there again. */
  void revive(BlockName block) {
    if (block.kind() == BlockName.Kind.TABLE) {
      blocks.setDropped(blocks.table(block.uid(), block.suid()), false);
    }
  }

  /** Adds the first and the last change of a data block that no record told of. */
  void seed(long uid, long suid, long fileSet, long firstVersion, long lastVersion, long changedNs)
      throws IOException {
    VnodeBlocks.Table table = blocks.table(uid, suid);
    if (table.isDropped()) {
      return;
    }
    timestampNs = changedNs;
    walOffset = firstVersion;
    Long known = table.dataId(fileSet);
    long id = known != null ? known : assign(BlockName.data(uid, table.suid(), fileSet));
    if (known == null) {
      event(BlockEventType.CREATE, id);
    }
    if (known != null || lastVersion > firstVersion) {
      walOffset = lastVersion;
      event(BlockEventType.UPDATE, id);
    }
  }

  /**
   * Adds what is known of a table that had rows of a file set between two versions: its data block,
   * and definitions that nothing told of before.
   */
  void rows(RowFeed.Table read, long fileSet, long firstVersion, long lastVersion, long changedNs)
      throws IOException {
    timestampNs = changedNs;
    walOffset = firstVersion;
    if (read.suid() != 0 && blocks.stableId(read.suid()) == null) {
      event(BlockEventType.CREATE, stableId(read.suid(), read.stable()));
    }
    VnodeBlocks.Table table = blocks.table(read.uid(), read.suid());
    if (table.definitionId() == 0) {
      event(
          BlockEventType.CREATE,
          assign(BlockName.table(read.uid(), read.suid(), read.name(), read.stable())));
    } else if (table.isDropped()) {
      // The server has it, so its drop was taken back.
      blocks.setDropped(table, false);
      event(BlockEventType.CREATE, table.definitionId());
    }
    seed(read.uid(), read.suid(), fileSet, firstVersion, lastVersion, changedNs);
  }

  /** Returns the uids of tables that have data blocks and no definition block, at most so many. */
  List<Long> unnamed(int limit) {
    return blocks.unnamed(limit);
  }

  /**
   * Assigns definition blocks to tables that have none, and to their stables: names only, no
   * change. Applied when this returns.
   */
  void name(List<RowFeed.Table> tables) throws IOException {
    for (RowFeed.Table named : tables) {
      VnodeBlocks.Table table = blocks.table(named.uid(), named.suid());
      if (table.definitionId() == 0) {
        assign(BlockName.table(named.uid(), named.suid(), named.name(), named.stable()));
      }
      if (named.suid() != 0) {
        stableId(named.suid(), named.stable());
      }
    }
    batch.append();
  }

  /** Returns a record's time in nanoseconds, cut at the ends of the range. */
  static long timestampNs(WalRecord record) {
    long us = record.ingestTimestampUs();
    long ns = us * NS_PER_US;
    if (ns / NS_PER_US == us) {
      return ns;
    }
    return us < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
  }

  /**
   * Adds the events of a record to the batch.
   *
   * @throws WalDecodeException if the record cannot be read to its end; what was added is harmless
   */
  void translate(WalRecord record) throws WalDecodeException, IOException {
    walOffset = record.version();
    timestampNs = timestampNs(record);
    switch (record.messageClass()) {
      case SUBMIT -> submit(record);
      case CREATE_TABLE -> {
        createTable.wrap(record);
        while (createTable.nextTable()) {
          create(createTable.request());
        }
      }
      case ALTER_TABLE -> alter(alterTable.wrap(record).name());
      case DROP_TABLE -> dropTables(record);
      case CREATE_STB -> {
        stable.wrap(record);
        event(BlockEventType.CREATE, stableId(stable.suid(), stable.name()));
      }
      case ALTER_STB -> {
        stable.wrap(record);
        event(BlockEventType.UPDATE, stableId(stable.suid(), stable.name()));
      }
      case DROP_STB -> {
        stable.wrap(record);
        event(BlockEventType.DELETE, stableId(stable.suid(), stable.name()));
        for (VnodeBlocks.Table table : blocks.liveTablesOf(stable.suid())) {
          drop(table);
        }
      }
      case DELETE -> delete(record);
      case COMMIT -> batch.flushAll(walOffset, timestampNs);
      case NO_CHANGE -> {}
      case UNKNOWN ->
          throw new WalDecodeException("message type is not decoded: type=" + record.messageType());
    }
  }

  private void submit(WalRecord record) throws WalDecodeException, IOException {
    submit.wrap(record);
    while (submit.nextTable()) {
      VnodeBlocks.Table table = blocks.table(submit.uid(), submit.suid());
      CreateTableRequest request = submit.createRequest();
      if (request != null && !table.isThereSince(knownFrom)) {
        create(request);
      }
      table.seeAt(walOffset);
      rows(table);
    }
  }

  /** Adds one event for each distinct file set of the rows; they are usually sorted by time. */
  private void rows(VnodeBlocks.Table table) throws IOException {
    long[] timestamps = submit.timestamps();
    long first = 0;
    long last = -1;
    for (int row = 0; row < submit.rowCount(); row++) {
      long timestamp = timestamps[row];
      if (row > 0 && timestamp >= first && timestamp <= last) {
        continue;
      }
      long fileSet = fileSets.fileSetOf(timestamp);
      first = fileSets.firstTimestamp(fileSet);
      last = fileSets.lastTimestamp(fileSet);
      Long id = table.dataId(fileSet);
      if (id == null) {
        id = assign(BlockName.data(table.uid(), table.suid(), fileSet));
        event(BlockEventType.CREATE, id);
      } else {
        event(BlockEventType.UPDATE, id);
      }
    }
  }

  private void create(CreateTableRequest request) throws WalDecodeException, IOException {
    String stableName = request.stableName();
    VnodeBlocks.Table table = blocks.table(request.uid(), request.suid());
    long id = table.definitionId();
    if (id == 0) {
      id =
          assign(
              BlockName.table(
                  request.uid(),
                  request.suid(),
                  request.name(),
                  stableName == null ? "" : stableName));
    }
    blocks.setDropped(table, false);
    table.seeAt(walOffset);
    event(BlockEventType.CREATE, id);
  }

  private void alter(String name) throws WalDecodeException, IOException {
    var tables = blocks.liveTables(name);
    if (tables.stream().noneMatch(table -> table.wasThereSince(knownFrom))) {
      throw new WalDecodeException(
          ALTERED_UNKNOWN
              + (tables.isEmpty()
                  ? "is not known: table="
                  : "may be another one since the last gap: table=")
              + name);
    }
    for (VnodeBlocks.Table table : tables) {
      event(BlockEventType.UPDATE, table.definitionId());
    }
  }

  private void dropTables(WalRecord record) throws WalDecodeException, IOException {
    dropTable.wrap(record);
    while (dropTable.nextTable()) {
      VnodeBlocks.Table table = blocks.table(dropTable.uid(), dropTable.suid());
      definitionId(table, dropTable.name());
      drop(table);
    }
  }

  private void drop(VnodeBlocks.Table table) throws IOException {
    event(BlockEventType.DELETE, definitionId(table, ""));
    for (long id : table.dataIds()) {
      event(BlockEventType.DELETE, id);
    }
    blocks.setDropped(table, true);
  }

  private void delete(WalRecord record) throws WalDecodeException, IOException {
    delete.wrap(record);
    if (delete.affectedRows() == 0) {
      return;
    }
    long firstFileSet = fileSets.fileSetOf(delete.firstTimestamp());
    long lastFileSet = fileSets.fileSetOf(delete.lastTimestamp());
    for (int i = 0; i < delete.uidCount(); i++) {
      VnodeBlocks.Table table = blocks.table(delete.uid(i), delete.suid());
      table.seeAt(walOffset);
      event(BlockEventType.UPDATE, definitionId(table, ""));
      if (firstFileSet <= lastFileSet) {
        for (long id : table.dataIds(firstFileSet, lastFileSet)) {
          event(BlockEventType.UPDATE, id);
        }
      }
      batch.tombstone(
          walOffset,
          RowDeletion.encode(table.uid(), delete.firstTimestamp(), delete.lastTimestamp()));
    }
  }

  /** Returns the id of a table's definition block, given now if the log never told of it. */
  private long definitionId(VnodeBlocks.Table table, String name) throws IOException {
    return table.definitionId() != 0
        ? table.definitionId()
        : assign(BlockName.table(table.uid(), table.suid(), name, ""));
  }

  private long stableId(long suid, String name) throws IOException {
    Long id = blocks.stableId(suid);
    return id != null ? id : assign(BlockName.stable(suid, name));
  }

  private long assign(BlockName block) throws IOException {
    long id = nextBlockId;
    batch.assign(id, block.encode());
    blocks.add(id, block);
    nextBlockId++;
    return id;
  }

  private void event(BlockEventType type, long blockId) throws IOException {
    batch.event(type, blockId, walOffset, timestampNs);
  }
}
