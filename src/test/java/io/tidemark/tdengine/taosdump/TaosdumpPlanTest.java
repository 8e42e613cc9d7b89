package io.tidemark.tdengine.taosdump;

import static io.tidemark.block.ChangeKind.DELETED;
import static io.tidemark.block.ChangeKind.DIRTY;
import static io.tidemark.block.ChangeKind.NEW;
import static io.tidemark.block.ChangeKind.REPLACED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tdengine.taosdump.DumpCall.Scope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaosdumpPlanTest {
  private static final String STABLE = "meters";
  private static final String NONE = "";
  private static final long DAY = SetBuilder.DAY_MS;

  /** Far enough for a call of its own to be quicker than all rows between. */
  private static final long FAR = 1_000;

  private static String table(String name, long firstDay, long lastDay) {
    return "table " + name + ", " + firstDay * DAY + " to " + ((lastDay + 1) * DAY - 1);
  }

  private static String stable(long firstDay, long lastDay) {
    return "stable meters, " + firstDay * DAY + " to " + ((lastDay + 1) * DAY - 1);
  }

  @Test
  void shouldCopyTheWholePeriodOfAFileSetAndNotOneUnitMore() throws TaosdumpException {
    DumpCall call = new SetBuilder().rows(DIRTY, "d0", STABLE, 5).plan().calls().get(0);

    assertEquals(new DumpCall(Scope.TABLE, "d0", new Period(5 * DAY, 6 * DAY - 1), 1, 0), call);
  }

  @Test
  void shouldCopyTimeBeforeTheEpoch() throws TaosdumpException {
    assertEquals(
        List.of("table ntb, -86400000 to -1"),
        new SetBuilder().rows(DIRTY, "ntb", NONE, -1).calls());
  }

  @Test
  void shouldJoinNeighbouringFileSets() throws TaosdumpException {
    SetBuilder set = new SetBuilder().rows(DIRTY, "ntb", NONE, 5, 7, 6).rows(NEW, "ntb", NONE, 8);

    assertEquals(List.of(table("ntb", 5, 8)), set.calls());
  }

  @Test
  void shouldBridgeWhatIsQuickerToCopyThanToCallAgain() throws TaosdumpException {
    SetBuilder set = new SetBuilder().rows(DIRTY, "ntb", NONE, 5, 8, 8 + FAR);

    TaosdumpPlan plan = set.plan();

    assertEquals(List.of(table("ntb", 5, 8), table("ntb", 8 + FAR, 8 + FAR)), set.calls());
    assertEquals(2, plan.surplusBlocks());
    assertEquals(3, plan.blocks());
  }

  @Test
  void shouldCopyOneTableOrOneStableACall() throws TaosdumpException {
    SetBuilder set = new SetBuilder().rows(DIRTY, "a", NONE, 5).rows(DIRTY, "b", NONE, 5);

    assertEquals(List.of(table("a", 5, 5), table("b", 5, 5)), set.calls());
  }

  @Test
  void shouldCopyTheStableWhereThatIsQuickerThanItsTables() throws TaosdumpException {
    SetBuilder set =
        new SetBuilder()
            .rows(DIRTY, "d0", STABLE, 5)
            .rows(DIRTY, "d1", STABLE, 6)
            .known(STABLE, 5, 4)
            .known(STABLE, 6, 4)
            .known(STABLE, 7, 4);

    assertEquals(List.of(stable(5, 6)), set.calls());
    assertEquals(2, set.plan().blocks());
    assertEquals(6, set.plan().surplusBlocks());
  }

  @Test
  void shouldCopyTheTablesWhereTheStableHoldsMuchMore() throws TaosdumpException {
    SetBuilder set =
        new SetBuilder()
            .rows(DIRTY, "d0", STABLE, 5)
            .rows(DIRTY, "d1", STABLE, 5)
            .known(STABLE, 5, 1_000);

    assertEquals(List.of(table("d0", 5, 5), table("d1", 5, 5)), set.calls());
    assertEquals(0, set.plan().surplusBlocks());
  }

  @Test
  void shouldCopyAnEmptyNewTableForItsDefinition() throws TaosdumpException {
    SetBuilder one = new SetBuilder().table(NEW, "d0", STABLE);
    SetBuilder many = new SetBuilder().table(NEW, "d0", STABLE).table(NEW, "d1", STABLE);
    SetBuilder none = new SetBuilder().stable(NEW, STABLE);

    assertEquals(List.of("table d0, definitions only"), one.calls());
    assertEquals(List.of("stable meters, definitions only"), many.calls());
    assertEquals(List.of("stable meters, definitions only"), none.calls());
  }

  @Test
  void shouldNotCopyADefinitionThatItsRowsBring() throws TaosdumpException {
    SetBuilder set =
        new SetBuilder().stable(NEW, STABLE).table(NEW, "d0", STABLE).rows(NEW, "d0", STABLE, 5);

    assertEquals(List.of(table("d0", 5, 5)), set.calls());
    assertEquals(List.of(), set.plan().drops());
  }

  @Test
  void shouldDropATableThatIsGoneAndCopyNothingOfIt() throws TaosdumpException {
    SetBuilder set =
        new SetBuilder().rows(DELETED, "d9", STABLE, 5, 6).table(DELETED, "d9", STABLE);

    assertEquals(List.of(), set.calls());
    assertEquals(List.of(new DroppedObject(false, "d9")), set.plan().drops());
  }

  @Test
  void shouldDropAStableOnceForAllOfItsTables() throws TaosdumpException {
    SetBuilder set =
        new SetBuilder()
            .table(DELETED, "d0", STABLE)
            .table(DELETED, "d1", STABLE)
            .stable(DELETED, STABLE)
            .inVgroup(3)
            .stable(DELETED, STABLE);

    assertEquals(List.of(new DroppedObject(true, STABLE)), set.plan().drops());
    assertEquals(List.of(), set.calls());
  }

  @Test
  void shouldCopyATableWholeThatWasDroppedAndIsThereAgain() throws TaosdumpException {
    SetBuilder replaced =
        new SetBuilder().table(REPLACED, "d0", STABLE).rows(REPLACED, "d0", STABLE, 5);
    SetBuilder another =
        new SetBuilder()
            .table(DELETED, "d0", STABLE)
            .rows(DELETED, "d0", STABLE, 5)
            .table(NEW, "d0", "others")
            .rows(NEW, "d0", "others", 7);

    for (SetBuilder set : List.of(replaced, another)) {
      assertEquals(List.of("table d0, all of it"), set.calls());
      assertEquals(List.of(new DroppedObject(false, "d0")), set.plan().drops());
      assertEquals(List.of(), set.plan().deletions());
    }
  }

  @Test
  void shouldTakeANameForGoneThatWasDroppedAfterACreationNobodyCarriedOut()
      throws TaosdumpException {
    SetBuilder set =
        new SetBuilder()
            .rows(DIRTY, "d0", STABLE, 5)
            .table(NEW, "d0", STABLE)
            .table(DELETED, "d0", STABLE);

    assertEquals(List.of(), set.calls());
    assertEquals(List.of(new DroppedObject(false, "d0")), set.plan().drops());
  }

  @Test
  void shouldReloadWhatWasAlteredBecauseTaosdumpAltersNothing() throws TaosdumpException {
    SetBuilder table = new SetBuilder().table(DIRTY, "d0", STABLE).rows(DIRTY, "d0", STABLE, 5);
    SetBuilder all =
        new SetBuilder()
            .stable(DIRTY, STABLE)
            .rows(DIRTY, "d0", STABLE, 5)
            .table(DELETED, "d1", STABLE)
            .deletion("d0", STABLE, 1, 2)
            .known(STABLE, 5, 3);

    assertEquals(List.of("table d0, all of it"), table.calls());
    assertEquals(List.of(new DroppedObject(false, "d0")), table.plan().drops());
    assertEquals(List.of("stable meters, all of it"), all.calls());
    assertEquals(List.of(new DroppedObject(true, STABLE)), all.plan().drops());
    assertEquals(List.of(), all.plan().deletions());
  }

  @Test
  void shouldReloadWhatWasCreatedAndChangedSinceForTheTargetMayHaveItOrNot()
      throws TaosdumpException {
    SetBuilder altered =
        new SetBuilder().tableChangedSinceCreated("d0", STABLE).rows(NEW, "d0", STABLE, 5);
    SetBuilder deletedFrom =
        new SetBuilder()
            .tableChangedSinceCreated("d0", STABLE)
            .rows(NEW, "d0", STABLE, 5)
            .deletionOnly("d0", STABLE, 5 * DAY, 5 * DAY + 9);
    SetBuilder replaced = new SetBuilder().table(NEW, "d0", STABLE).rows(REPLACED, "d0", STABLE, 5);
    SetBuilder stable =
        new SetBuilder().stableChangedSinceCreated(STABLE).rows(NEW, "d0", STABLE, 5);

    for (SetBuilder set : List.of(altered, deletedFrom, replaced)) {
      assertEquals(List.of("table d0, all of it"), set.calls());
      assertEquals(List.of(new DroppedObject(false, "d0")), set.plan().drops());
      assertEquals(List.of(), set.plan().deletions());
    }
    assertEquals(List.of("stable meters, all of it"), stable.calls());
    assertEquals(List.of(new DroppedObject(true, STABLE)), stable.plan().drops());
  }

  @Test
  void shouldLeaveAlteredDefinitionsToTheOperatorWhenTold() throws TaosdumpException {
    IncrementalSet set =
        new SetBuilder()
            .table(DIRTY, "d0", STABLE)
            .rows(DIRTY, "d0", STABLE, 5)
            .stable(DIRTY, "others")
            .set();

    TaosdumpPlan plan =
        TaosdumpPlan.of(set, new PlanOptions(CallCosts.DEFAULTS, AlteredObjects.KEEP));

    assertEquals(List.of("d0", "others"), plan.alteredByHand());
    assertEquals(List.of(), plan.drops());
    assertEquals(
        List.of(table("d0", 5, 5)), plan.calls().stream().map(DumpCall::toString).toList());
  }

  @Test
  void shouldApplyDeletionsOfRowsWithoutReloadingTheTable() throws TaosdumpException {
    SetBuilder set =
        new SetBuilder().rows(DIRTY, "d0", STABLE, 5).deletion("d0", STABLE, 5 * DAY, 5 * DAY + 9);

    assertEquals(List.of(table("d0", 5, 5)), set.calls());
    assertEquals(List.of(), set.plan().drops());
    assertEquals(
        List.of(new DeletedRows("d0", new Period(5 * DAY, 5 * DAY + 9))), set.plan().deletions());
  }

  @Test
  void shouldApplyADeletionWhoseBlocksAreNotKnown() throws TaosdumpException {
    SetBuilder set = new SetBuilder().deletion("d0", STABLE, 1, 2);

    assertEquals(List.of(), set.calls());
    assertEquals(List.of(new DeletedRows("d0", new Period(1, 2))), set.plan().deletions());
  }

  @Test
  void shouldEmptyThePeriodOfABlockThatWasReplacedBeforeItIsLoaded() throws TaosdumpException {
    SetBuilder set = new SetBuilder().rows(REPLACED, "d0", STABLE, 5, 6, 9);

    assertEquals(List.of(table("d0", 5, 9)), set.calls());
    assertEquals(
        List.of(
            new DeletedRows("d0", new Period(5 * DAY, 7 * DAY - 1)),
            new DeletedRows("d0", new Period(9 * DAY, 10 * DAY - 1))),
        set.plan().deletions());
  }

  @ParameterizedTest
  @ValueSource(strings = {"-p1", "--", "it's", "back\\slash"})
  void shouldCopyTheStableOfATableThatTaosdumpCannotBeAskedFor(String name)
      throws TaosdumpException {
    SetBuilder rows = new SetBuilder().rows(DIRTY, name, STABLE, 5).known(STABLE, 5, 10_000);

    assertEquals(List.of(stable(5, 5)), rows.calls());
  }

  @Test
  void shouldCopyTheWholeStableOfAReloadedTableThatTaosdumpCannotBeAskedFor()
      throws TaosdumpException {
    SetBuilder set = new SetBuilder().rows(DIRTY, "d0", STABLE, 5).table(DIRTY, "-p1", STABLE);

    assertEquals(List.of("stable meters, all of it"), set.calls());
    assertEquals(List.of(new DroppedObject(false, "-p1")), set.plan().drops());
  }

  @ParameterizedTest
  @ValueSource(strings = {"back\\slash", "back`tick", "a>>b"})
  void shouldRefuseToDropANameThatTaosWouldTakeForAnother(String name) {
    String refusal =
        "name cannot be given to taos, which has to drop it or delete from it: name=" + name;

    assertEquals(refusal, refusal(new SetBuilder().table(DELETED, name, STABLE)));
    assertEquals(refusal, refusal(new SetBuilder().deletion(name, STABLE, 1, 2)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-p1", "it's"})
  void shouldCopyTheDatabaseForANormalTableThatTaosdumpCannotBeAskedFor(String name)
      throws TaosdumpException {
    SetBuilder rows = new SetBuilder().rows(DIRTY, name, NONE, 5);
    SetBuilder empty = new SetBuilder().table(NEW, name, NONE);
    SetBuilder altered = new SetBuilder().table(DIRTY, name, NONE);
    SetBuilder child = new SetBuilder().rows(DIRTY, name, "-s", 5);

    assertEquals(List.of("database power, 432000000 to 518399999"), rows.calls());
    assertEquals(List.of("database power, definitions only"), empty.calls());
    assertEquals(List.of("database power, all of it"), altered.calls());
    assertEquals(List.of("database power, 432000000 to 518399999"), child.calls());
  }

  @ParameterizedTest
  @ValueSource(strings = {"d 0", "d.0", "\"d\"", "`d`", "电表", "d$(rm)", "d;d", "d*", " d "})
  void shouldAskForEveryOtherNameAsItIs(String name) throws TaosdumpException {
    DumpCall call = new SetBuilder().rows(DIRTY, name, STABLE, 5).plan().calls().get(0);

    assertEquals(Scope.TABLE, call.scope());
    assertEquals(name, call.name());
  }

  @Test
  void shouldCopyTheStableOfATableWhoseNameTheLogDoesNotTell() throws TaosdumpException {
    SetBuilder rows = new SetBuilder().rows(DIRTY, NONE, STABLE, 5);
    SetBuilder deleted = new SetBuilder().deletion(NONE, STABLE, 1, 2);

    assertEquals(List.of(stable(5, 5)), rows.calls());
    assertEquals(List.of("stable meters, all of it"), deleted.calls());
    assertEquals(List.of(), deleted.plan().deletions());
  }

  @Test
  void shouldRefuseWhatHasNoNameAtAll() {
    String end =
        " has no name in the log, which began after it was created: take a full dump:"
            + " database=power, vgroup=2, uid=100";

    assertEquals("table" + end, refusal(new SetBuilder().rows(DIRTY, NONE, NONE, 5)));
    assertEquals("dropped table" + end, refusal(new SetBuilder().table(DELETED, NONE, STABLE)));
    assertEquals("stable" + end, refusal(new SetBuilder().stable(DIRTY, NONE)));
    assertEquals("table" + end, refusal(new SetBuilder().deletion(NONE, NONE, 1, 2)));
  }

  private static String refusal(SetBuilder set) {
    return String.valueOf(assertThrows(TaosdumpException.class, set::plan).getMessage());
  }

  @Test
  void shouldRefuseNamesThatNoScriptCanCarry() {
    assertEquals(
        "name holds control characters: no script can carry it: name=d\\u000a0",
        refusal(new SetBuilder().rows(DIRTY, "d\n0", STABLE, 5)));
    TaosdumpException refused =
        assertThrows(TaosdumpException.class, () -> TaosdumpPlan.full("a,b", CallCosts.DEFAULTS));
    assertEquals(
        "database name cannot be given to taosdump: only 1 to 64 letters, digits and underscores"
            + " can: database=a,b",
        refused.getMessage());
  }

  @Test
  void shouldNotMixUpPositionsOfVgroupsThatHaveNothingToDoWithEachOther() throws TaosdumpException {
    SetBuilder set = new SetBuilder().stable(NEW, STABLE).inVgroup(3).stable(DELETED, STABLE);

    assertEquals(List.of("stable meters, all of it"), set.calls());
    assertEquals(List.of(new DroppedObject(true, STABLE)), set.plan().drops());
  }

  @Test
  void shouldPlanNothingForNothing() throws TaosdumpException {
    TaosdumpPlan plan = new SetBuilder().plan();

    assertEquals(List.of(), plan.calls());
    assertEquals(0, plan.estimatedMs());
  }

  @Test
  void shouldEstimateByCallsAndRows() throws TaosdumpException {
    TaosdumpPlan plan =
        new SetBuilder().rows(DIRTY, "a", NONE, 5).rows(DIRTY, "b", NONE, 5, 6).plan();

    assertEquals(2 * 1_500 + 3 * 10_000 * 1_000L / 1_300_000, plan.estimatedMs());
    assertTrue(TaosdumpPlan.full("power", CallCosts.DEFAULTS).estimatedMs() >= 1_500);
  }
}
