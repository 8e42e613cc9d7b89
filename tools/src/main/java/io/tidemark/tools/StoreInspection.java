package io.tidemark.tools;

import io.tidemark.block.Hole;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.state.StateCounts;
import io.tidemark.tracker.Chains;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.StoreReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;

/** Shows what a store holds, of a live or a dead writer. */
final class StoreInspection {
  private final Terminal terminal;

  StoreInspection(Terminal terminal) {
    this.terminal = terminal;
  }

  void show(Path root) throws IOException {
    StoreReader store = StoreReader.open(root);
    ChangeSet ever = store.view().changedEver();
    StateCounts counts = store.states().counts();
    String through = ever.completeThrough() == null ? null : ever.completeThrough().toString();
    terminal.event(
        "store",
        json -> {
          json.writeStringField("path", root.toString());
          json.writeStringField("id", Long.toHexString(store.identity().storeId()));
          json.writeStringField("shard", store.identity().shard());
          json.writeStringField("created", created(store));
          json.writeStringField("lastPosition", Long.toString(store.lastPosition()));
          json.writeStringField("completeThrough", through);
          json.writeStringField("verdict", ever.verdict().name());
          json.writeNumberField("segments", store.view().segments().size());
          json.writeNumberField("names", store.catalog().size());
          json.writeNumberField("known", counts.known());
          json.writeNumberField("new", counts.created());
          json.writeNumberField("dirty", counts.dirty());
          json.writeNumberField("deleted", counts.deleted());
          json.writeNumberField("clean", counts.clean());
          json.writeObjectFieldStart("cursors");
          for (Map.Entry<String, Chains.Chain> chain : store.chains().entrySet()) {
            json.writeStringField(chain.getKey(), Long.toString(chain.getValue().cursor()));
          }
          json.writeEndObject();
          json.writeObjectFieldStart("prepared");
          for (Map.Entry<String, Chains.Chain> chain : store.chains().entrySet()) {
            if (chain.getValue().hasRun()) {
              json.writeStringField(chain.getKey(), Long.toString(chain.getValue().prepared()));
            }
          }
          json.writeEndObject();
          json.writeStringField("report", store.report().summary());
        });
    terminal.line(terminal.bold("store " + root));
    terminal.paragraph("tracks", store.identity().shard());
    terminal.paragraph(
        "created", created(store) + ", id " + Long.toHexString(store.identity().storeId()));
    terminal.paragraph("journal", "through position " + store.lastPosition());
    terminal.paragraph(
        "log", through == null ? "nothing complete yet" : "complete through " + through);
    for (Hole hole : ever.holes()) {
      terminal.paragraph("hole", DetectionSummary.holeInWords(hole));
    }
    terminal.paragraph(
        "blocks",
        counts.known()
            + " known: "
            + counts.created()
            + " new, "
            + counts.dirty()
            + " dirty, "
            + counts.deleted()
            + " deleted, "
            + counts.clean()
            + " clean; "
            + DetectionSummary.counted(store.catalog().size(), "name"));
    terminal.paragraph("cursors", cursors(store));
    terminal.paragraph("read", store.report().summary());
    showSegments(store);
  }

  private static String created(StoreReader store) {
    return Instant.ofEpochMilli(store.identity().createdMs()).toString();
  }

  private static String cursors(StoreReader store) {
    return store.chains().isEmpty()
        ? "none"
        : store.chains().entrySet().stream()
            .map(chain -> "chain " + chain.getKey() + " " + inWords(chain.getValue()))
            .collect(Collectors.joining(", "));
  }

  private static String inWords(Chains.Chain chain) {
    String run = chain.hasRun() ? ", its run to " + chain.prepared() + " is prepared" : "";
    return "at " + chain.cursor() + run;
  }

  private void showSegments(StoreReader store) {
    Table table = new Table("  ");
    table.row("segment from", "to", "generation", "first WAL", "last WAL", "blocks", "changes");
    for (ChangeSegment segment : store.view().segments()) {
      terminal.event("segment", json -> FileInspection.writeSegment(json, segment));
      boolean hasChange = segment.changedCount() > 0;
      table.row(
          segment.firstPosition(),
          segment.lastPosition(),
          Integer.toUnsignedString(segment.generation()),
          hasChange ? Long.toUnsignedString(segment.minWalOffset()) : "-",
          hasChange ? Long.toUnsignedString(segment.maxWalOffset()) : "-",
          segment.changedCount(),
          segment.eventCount());
    }
    table.lines().forEach(terminal::line);
  }
}
