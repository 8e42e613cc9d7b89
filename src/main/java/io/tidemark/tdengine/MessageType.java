package io.tidemark.tdengine;

import org.jspecify.annotations.Nullable;

/**
 * The one table of the message types a vnode can meet, and what each means for tracking.
 *
 * <p>It lists every request of the segments VND, SYNC, VND_STREAM and VND_TMQ of TDengine 3.3.7.5.
 * Responses (a request's number + 1), the bounds of a segment, the other segments and numbers
 * without a name are {@link MessageClass#UNKNOWN}. So is a request that has not been seen in a WAL
 * or whose body has not been measured: a needless hole is safe, a missed change is not.
 */
public enum MessageType {
  VND_SUBMIT(513, MessageClass.SUBMIT),
  VND_CREATE_TABLE(515, MessageClass.CREATE_TABLE),
  VND_ALTER_TABLE(517, MessageClass.ALTER_TABLE),
  VND_DROP_TABLE(519, MessageClass.DROP_TABLE),
  VND_UPDATE_TAG_VAL(521, MessageClass.UNKNOWN),
  VND_TABLE_META(523, MessageClass.UNKNOWN),
  VND_TABLES_META(525, MessageClass.UNKNOWN),
  VND_TABLE_CFG(527, MessageClass.UNKNOWN),
  VND_BATCH_META(529, MessageClass.UNKNOWN),
  VND_CREATE_STB(531, MessageClass.CREATE_STB),
  VND_ALTER_STB(533, MessageClass.ALTER_STB),
  VND_DROP_STB(535, MessageClass.DROP_STB),
  VND_UNUSED1(537, MessageClass.UNKNOWN),
  VND_UNUSED2(539, MessageClass.UNKNOWN),
  VND_UNUSED3(541, MessageClass.UNKNOWN),
  VND_UNUSED4(543, MessageClass.UNKNOWN),
  VND_UNUSED5(545, MessageClass.UNKNOWN),
  VND_UNUSED6(547, MessageClass.UNKNOWN),
  VND_UNUSED7(549, MessageClass.UNKNOWN),
  VND_UNUSED8(551, MessageClass.UNKNOWN),
  VND_UNUSED9(553, MessageClass.UNKNOWN),
  VND_UNUSED10(555, MessageClass.UNKNOWN),
  VND_UNUSED11(557, MessageClass.UNKNOWN),
  VND_UNUSED12(559, MessageClass.UNKNOWN),
  VND_UNUSED13(561, MessageClass.UNKNOWN),
  VND_UNUSED14(563, MessageClass.UNKNOWN),
  VND_UNUSED15(565, MessageClass.UNKNOWN),
  VND_UNUSED16(567, MessageClass.UNKNOWN),
  VND_UNUSED17(569, MessageClass.UNKNOWN),
  VND_UNUSED18(571, MessageClass.UNKNOWN),
  VND_SUBMIT_RSMA(573, MessageClass.UNKNOWN),
  VND_FETCH_RSMA(575, MessageClass.UNKNOWN),
  VND_EXEC_RSMA(577, MessageClass.UNKNOWN),
  VND_DELETE(579, MessageClass.DELETE),
  VND_BATCH_DEL(581, MessageClass.UNKNOWN),
  VND_ALTER_CONFIG(583, MessageClass.NO_CHANGE),
  VND_ALTER_REPLICA(585, MessageClass.NO_CHANGE),
  VND_ALTER_CONFIRM(587, MessageClass.NO_CHANGE),
  VND_ALTER_HASHRANGE(589, MessageClass.UNKNOWN),
  VND_COMPACT(591, MessageClass.NO_CHANGE),
  VND_DROP_TTL_TABLE(593, MessageClass.UNKNOWN),
  VND_TRIM(595, MessageClass.NO_CHANGE),
  VND_COMMIT(597, MessageClass.COMMIT),
  VND_CREATE_INDEX(599, MessageClass.NO_CHANGE),
  VND_DROP_INDEX(601, MessageClass.NO_CHANGE),
  VND_DISABLE_WRITE(603, MessageClass.UNKNOWN),
  VND_QUERY_COMPACT_PROGRESS(605, MessageClass.UNKNOWN),
  VND_KILL_COMPACT(607, MessageClass.UNKNOWN),
  VND_LIST_SSMIGRATE_FILESETS(609, MessageClass.UNKNOWN),
  VND_ARB_HEARTBEAT(611, MessageClass.UNKNOWN),
  VND_ARB_CHECK_SYNC(613, MessageClass.NO_CHANGE),
  VND_FETCH_TTL_EXPIRED_TBS(615, MessageClass.NO_CHANGE),
  VND_TABLE_NAME(617, MessageClass.UNKNOWN),
  VND_VSUBTABLES_META(619, MessageClass.UNKNOWN),
  VND_VSTB_REF_DBS(621, MessageClass.UNKNOWN),
  VND_QUERY_SSMIGRATE_PROGRESS(623, MessageClass.UNKNOWN),
  VND_SSMIGRATE_FILESET(625, MessageClass.UNKNOWN),
  VND_FOLLOWER_SSMIGRATE(627, MessageClass.UNKNOWN),
  VND_KILL_SSMIGRATE(629, MessageClass.UNKNOWN),
  SYNC_TIMEOUT(1537, MessageClass.UNKNOWN),
  SYNC_TIMEOUT_ELECTION(1539, MessageClass.UNKNOWN),
  SYNC_PING_REPLY(1541, MessageClass.UNKNOWN),
  SYNC_CLIENT_REQUEST(1543, MessageClass.UNKNOWN),
  SYNC_CLIENT_REQUEST_BATCH(1545, MessageClass.UNKNOWN),
  SYNC_CLIENT_REQUEST_REPLY(1547, MessageClass.UNKNOWN),
  SYNC_REQUEST_VOTE(1549, MessageClass.UNKNOWN),
  SYNC_REQUEST_VOTE_REPLY(1551, MessageClass.UNKNOWN),
  SYNC_APPEND_ENTRIES(1553, MessageClass.UNKNOWN),
  SYNC_APPEND_ENTRIES_BATCH(1555, MessageClass.UNKNOWN),
  SYNC_APPEND_ENTRIES_REPLY(1557, MessageClass.UNKNOWN),
  SYNC_NOOP(1559, MessageClass.NO_CHANGE),
  SYNC_UNKNOWN(1561, MessageClass.UNKNOWN),
  SYNC_COMMON_RESPONSE(1563, MessageClass.UNKNOWN),
  SYNC_APPLY_MSG(1565, MessageClass.UNKNOWN),
  SYNC_CONFIG_CHANGE(1567, MessageClass.NO_CHANGE),
  SYNC_CONFIG_CHANGE_FINISH(1569, MessageClass.UNKNOWN),
  SYNC_SNAPSHOT_SEND(1571, MessageClass.UNKNOWN),
  SYNC_SNAPSHOT_RSP(1573, MessageClass.UNKNOWN),
  SYNC_LEADER_TRANSFER(1575, MessageClass.UNKNOWN),
  SYNC_SET_MNODE_STANDBY(1577, MessageClass.UNKNOWN),
  SYNC_SET_VNODE_STANDBY(1579, MessageClass.UNKNOWN),
  SYNC_HEARTBEAT(1581, MessageClass.UNKNOWN),
  SYNC_HEARTBEAT_REPLY(1583, MessageClass.UNKNOWN),
  SYNC_LOCAL_CMD(1585, MessageClass.UNKNOWN),
  SYNC_PREP_SNAPSHOT(1587, MessageClass.UNKNOWN),
  SYNC_PREP_SNAPSHOT_REPLY(1589, MessageClass.UNKNOWN),
  SYNC_UNUSED_CODE(1591, MessageClass.UNKNOWN),
  SYNC_FORCE_FOLLOWER(1593, MessageClass.UNKNOWN),
  SYNC_SET_ASSIGNED_LEADER(1595, MessageClass.UNKNOWN),
  VND_STREAM_SCAN_HISTORY(1793, MessageClass.UNKNOWN),
  VND_STREAM_CHECK_POINT_SOURCE(1795, MessageClass.UNKNOWN),
  VND_STREAM_TASK_UPDATE(1797, MessageClass.UNKNOWN),
  VND_STREAM_TASK_RESET(1799, MessageClass.UNKNOWN),
  VND_STREAM_TASK_CHECK(1801, MessageClass.UNKNOWN),
  VND_STREAM_UNUSED(1803, MessageClass.UNKNOWN),
  VND_STREAM_UNUSED1(1805, MessageClass.UNKNOWN),
  VND_STREAM_ALL_STOP(1807, MessageClass.UNKNOWN),
  VND_TMQ_SUBSCRIBE(2049, MessageClass.NO_CHANGE),
  VND_TMQ_DELETE_SUB(2051, MessageClass.NO_CHANGE),
  VND_TMQ_COMMIT_OFFSET(2053, MessageClass.NO_CHANGE),
  VND_TMQ_SEEK(2055, MessageClass.UNKNOWN),
  VND_TMQ_ADD_CHECKINFO(2057, MessageClass.NO_CHANGE),
  VND_TMQ_DEL_CHECKINFO(2059, MessageClass.NO_CHANGE),
  VND_TMQ_CONSUME(2061, MessageClass.UNKNOWN),
  VND_TMQ_CONSUME_PUSH(2063, MessageClass.UNKNOWN),
  VND_TMQ_VG_WALINFO(2065, MessageClass.UNKNOWN),
  VND_TMQ_VG_COMMITTEDINFO(2067, MessageClass.UNKNOWN);

  private static final int ID_LIMIT = 4096;
  private static final @Nullable MessageType[] BY_ID = new @Nullable MessageType[ID_LIMIT];

  static {
    for (final MessageType type : values()) {
      assert BY_ID[type.id] == null : "two names for one message type: id=" + type.id;
      BY_ID[type.id] = type;
    }
  }

  private final int id;
  private final MessageClass messageClass;

  MessageType(int id, MessageClass messageClass) {
    this.id = id;
    this.messageClass = messageClass;
  }

  /** Returns the number that stands in the header of a WAL record. */
  public int id() {
    return id;
  }

  /** Returns what this type means for tracking. */
  public MessageClass messageClass() {
    return messageClass;
  }

  /** Returns the type with this number, or null if the table has none. */
  public static @Nullable MessageType of(int id) {
    return id >= 0 && id < ID_LIMIT ? BY_ID[id] : null;
  }

  /** Returns what the number means for tracking; never fails. */
  public static MessageClass classOf(int id) {
    final MessageType type = of(id);
    return type == null ? MessageClass.UNKNOWN : type.messageClass;
  }

  /** Returns the name of a type, or {@code type-<id>} if it has none. */
  public static String nameOf(int id) {
    final MessageType type = of(id);
    return type == null ? "type-" + id : type.name();
  }
}
