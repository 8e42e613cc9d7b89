package io.tidemark.archive;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.backup.JsonObject;
import io.tidemark.backup.ProvenJson;
import io.tidemark.backup.RunJson;
import io.tidemark.backup.RunPlan;
import io.tidemark.errors.CorruptFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The form of a manifest: JSON that people can read, and that proves itself.
 *
 * <pre>
 *  {
 *    "format" : "tidemark.run",
 *    ...
 *    "files" : [ ... ],
 *    "authentication" : "...",     HMAC-SHA256 of all bytes before this value; encrypted runs only
 *    "digest" : "..."              SHA-256 of all bytes before this value
 *  }
 * </pre>
 */
final class ManifestFormat {

  /*
   * Numbers of 64 bits are texts; those that people and programs may count with are numbers, below 2^53.
   */

  static final String FORMAT = "tidemark.run";
  static final int VERSION = 1;

  private static final String AUTHENTICATION = "\"authentication\" : \"";

  private ManifestFormat() {}

  /**
   * What a manifest's file says.
   *
   * @param digest the SHA-256 that proves it
   */
  record Read(RunManifest manifest, String digest) {}

  /**
   * Returns the bytes of a manifest.
   *
   * @param key null if the run is not encrypted
   */
  static byte[] write(RunManifest manifest, @Nullable ArchiveKey key) throws IOException {
    StringBuilder text = ProvenJson.open(FORMAT, VERSION, json -> writeFields(manifest, json));
    if (key != null) {
      text.append(",\n  ").append(AUTHENTICATION);
      byte[] before = text.toString().getBytes(StandardCharsets.UTF_8);
      text.append(key.authenticate(before, before.length)).append('"');
    }
    return ProvenJson.sealed(text);
  }

  private static void writeFields(RunManifest manifest, JsonGenerator json) throws IOException {
    writeSummary(manifest, json);
    json.writeFieldName("run");
    RunJson.write(manifest.plan(), json);
    json.writeFieldName("finish");
    RunJson.write(manifest.end(), json);
    json.writeStringField("compression", manifest.compression());
    json.writeFieldName("encryption");
    KeyParameters encryption = manifest.encryption();
    if (encryption == null) {
      json.writeNull();
    } else {
      encryption.write(json);
    }
    writeStandsFor(manifest.standsFor(), json);
    json.writeArrayFieldStart("files");
    for (ManifestFile file : manifest.files()) {
      write(file, json);
    }
    json.writeEndArray();
  }

  /** Writes what somebody wants to know first; it is never read back. */
  private static void writeSummary(RunManifest manifest, JsonGenerator json) throws IOException {
    RunPlan plan = manifest.plan();
    json.writeObjectFieldStart("summary");
    json.writeStringField("prepared", Instant.ofEpochMilli(plan.createdMs()).toString());
    json.writeStringField("finished", Instant.ofEpochMilli(manifest.end().finishedMs()).toString());
    json.writeStringField(
        "needs", plan.parent() == null ? "no other run" : "run " + plan.parent().runId());
    json.writeNumberField("blocks", manifest.blocks());
    json.writeNumberField("deletedBlocks", manifest.deleted());
    json.writeNumberField("goneBlocks", manifest.gone());
    json.writeNumberField("contentBytes", manifest.contentBytes());
    json.writeNumberField("storedBytes", manifest.storedBytes());
    json.writeEndObject();
  }

  private static void writeStandsFor(RunPlan.@Nullable Parent run, JsonGenerator json)
      throws IOException {
    if (run == null) {
      json.writeNullField("standsFor");
      return;
    }
    json.writeObjectFieldStart("standsFor");
    json.writeStringField("runId", run.runId());
    json.writeStringField("digest", run.digest());
    json.writeEndObject();
  }

  static void write(ManifestFile file, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", file.name());
    json.writeNumberField("batch", file.batch());
    json.writeNumberField("lengthBytes", file.lengthBytes());
    json.writeStringField("sha256", file.sha256());
    json.writeNumberField("blocks", file.blocks());
    json.writeNumberField("deletedBlocks", file.deleted());
    json.writeNumberField("goneBlocks", file.gone());
    json.writeNumberField("contentBytes", file.contentBytes());
    json.writeStringField("firstId", Long.toUnsignedString(file.firstId()));
    json.writeStringField("lastId", Long.toUnsignedString(file.lastId()));
    json.writeStringField("idsSha256", file.idsSha256());
    json.writeEndObject();
  }

  /**
   * Reads a manifest and checks every byte of it.
   *
   * @param where the file, for messages
   * @throws CorruptFileException if any byte of it is wrong
   * @throws io.tidemark.errors.UnsupportedFormatException if its format is newer
   */
  static Read read(byte[] bytes, String where) {
    ProvenJson.Read proven = ProvenJson.read(bytes, where, FORMAT, VERSION);
    return new Read(manifest(proven.json(), where), proven.digest());
  }

  private static RunManifest manifest(JsonObject json, String where) {
    JsonObject encryption = json.objectOrNull("encryption");
    JsonObject standsFor = json.objectOrNull("standsFor");
    List<ManifestFile> files = new ArrayList<>();
    for (JsonObject file : json.objects("files")) {
      files.add(file(file));
    }
    return new RunManifest(
        RunJson.plan(json.object("run")),
        RunJson.end(json.object("finish")),
        json.text("compression"),
        encryption == null ? null : KeyParameters.read(encryption, where),
        standsFor == null
            ? null
            : new RunPlan.Parent(standsFor.text("runId"), standsFor.text("digest")),
        files);
  }

  static ManifestFile file(JsonObject json) {
    return new ManifestFile(
        json.text("name"),
        (int) json.number("batch"),
        json.number("lengthBytes"),
        json.text("sha256"),
        json.number("blocks"),
        json.number("deletedBlocks"),
        json.number("goneBlocks"),
        json.number("contentBytes"),
        json.unsigned("firstId"),
        json.unsigned("lastId"),
        json.text("idsSha256"));
  }

  /**
   * Checks that the owner of the key wrote an encrypted run's manifest.
   *
   * @throws CorruptFileException if not
   */
  static void authenticate(byte[] bytes, ArchiveKey key, String where) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = text.lastIndexOf(AUTHENTICATION);
    int valueAt = at + AUTHENTICATION.length();
    boolean isAuthentic =
        at >= 0
            && text.startsWith(
                key.authenticate(bytes, valueAt) + "\",\n  " + ProvenJson.DIGEST, valueAt);
    if (!isAuthentic) {
      throw new CorruptFileException("corrupt file: manifest is not authentic: file=" + where);
    }
  }
}
