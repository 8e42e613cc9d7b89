package io.tidemark.tools.agent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.metrics.Alarm;
import io.tidemark.tdengine.VnodeFollower;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.TreeMap;

/** What an agent says of itself as JSON, over HTTP and over its socket. */
final class AgentDocuments {
  private static final JsonFactory JSON = new JsonFactory();

  private AgentDocuments() {}

  /** Begins a document in a stream that stays open. */
  static JsonGenerator begin(OutputStream out) throws IOException {
    JsonGenerator json = JSON.createGenerator(out);
    json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    return json;
  }

  static void health(Health health, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeBooleanField("live", health.isLive());
    json.writeBooleanField("ready", health.isReady());
    json.writeArrayFieldStart("why");
    for (String reason : health.reasons()) {
      json.writeString(reason);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  static void alarms(Iterable<Alarm> alarms, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("alarms");
    for (Alarm alarm : alarms) {
      json.writeStartObject();
      json.writeStringField("metric", alarm.rule().metric().id());
      labels(alarm.labels(), json);
      json.writeNumberField("value", alarm.value());
      json.writeStringField("side", alarm.rule().side().name());
      json.writeNumberField("raiseAt", alarm.rule().raiseAt());
      json.writeNumberField("clearAt", alarm.rule().clearAt());
      json.writeNumberField("sinceMs", alarm.sinceMs());
      json.writeStringField("message", alarm.message());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void labels(Map<String, String> labels, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("labels");
    for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
      json.writeStringField(label.getKey(), label.getValue());
    }
    json.writeEndObject();
  }

  static void status(Agent agent, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("pid", ProcessHandle.current().pid());
    json.writeNumberField("startedMs", agent.startedMs());
    json.writeBooleanField("paused", agent.isPaused());
    json.writeFieldName("health");
    health(agent.health(), json);
    BackupRunner.Status backup = agent.backupStatus();
    if (backup != null) {
      backup(backup, json);
    }
    json.writeArrayFieldStart("vgroups");
    for (FollowedVgroup.Status status : agent.statuses()) {
      json.writeStartObject();
      json.writeStringField("name", status.name());
      labels(status.labels(), json);
      json.writeStringField("state", status.state().name());
      json.writeBooleanField("caughtUp", status.isCaughtUp());
      json.writeStringField("source", status.source());
      json.writeStringField("trouble", status.trouble());
      FollowedVgroup.Unsealed unsealed = status.unsealed();
      json.writeNumberField("unsealedEvents", unsealed.events());
      json.writeNumberField("unsealedEventsMax", unsealed.eventsMax());
      json.writeNumberField("earlySeals", unsealed.earlySeals());
      VnodeFollower.Standing standing = status.standing();
      if (standing != null) {
        standing(standing, json);
      }
      StoreAudit.Report audit = status.audit();
      if (audit != null) {
        audit(audit, json);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void backup(BackupRunner.Status backup, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("backup");
    json.writeStringField("state", backup.state().name());
    json.writeStringField("name", backup.name());
    json.writeBooleanField("full", backup.isFull());
    json.writeNumberField("startedMs", backup.startedMs());
    json.writeNumberField("endedMs", backup.endedMs());
    json.writeNumberField("callsDone", backup.callsDone());
    json.writeNumberField("calls", backup.calls());
    json.writeNumberField("rows", backup.rows());
    json.writeNumberField("remainingMs", backup.remainingMs());
    json.writeStringField("error", backup.error());
    json.writeEndObject();
  }

  private static void audit(StoreAudit.Report audit, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("audit");
    json.writeNumberField("atMs", audit.atMs());
    json.writeNumberField("fileSets", audit.fileSets());
    json.writeNumberField("blocks", audit.blocks());
    json.writeNumberField("segments", audit.segments());
    json.writeArrayFieldStart("findings");
    for (String finding : audit.findings()) {
      json.writeString(finding);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void standing(VnodeFollower.Standing standing, JsonGenerator json)
      throws IOException {
    json.writeStringField(
        "completeThrough",
        standing.completeThrough() == -1
            ? null
            : standing.generation() + "/" + Long.toUnsignedString(standing.completeThrough()));
    json.writeStringField("nextVersion", Long.toUnsignedString(standing.nextVersion()));
    json.writeStringField("journalPosition", String.valueOf(standing.journalPosition()));
    json.writeStringField("durablePosition", String.valueOf(standing.durablePosition()));
  }
}
