package io.tidemark.tdengine.taosdump;

import io.tidemark.backup.JsonObject;
import io.tidemark.backup.ProvenJson;
import io.tidemark.errors.CorruptFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What proves an export that is complete: written after its last call, and before it is called
 * complete.
 *
 * @param plan SHA-256 of the plan it is the output of
 * @param finishedMs when it was written, ms since the epoch
 * @param version of taosdump
 * @param schema what the dumps say of their database
 * @param files SHA-256 of the task and of what restores it, by name
 * @param results what each call left, in the order of the calls
 */
public record ExportManifest(
    String plan,
    long finishedMs,
    String version,
    DumpSchema schema,
    Map<String, String> files,
    List<CallResult> results) {

  /*
   * manifest.json in the export's directory:
   *
   * {"format" : "tidemark.taosdump.manifest", "formatVersion" : 1, "plan" : "...", "finishedMs" : 1795787251087,
   *  "taosdump" : "3.3.7.5", "schema" : {"precision" : "ms", "keep" : "3650d,3650d,3650d", "duration" : "10d",
   *    "definitions" : [{"stable" : true, "name" : "meters", "sha256" : "..."}]},
   *  "files" : [{"name" : "restore.sh", "sha256" : "..."}, ...],
   *  "results" : [{"call" : 1, "rows" : 30275, "gone" : false, "lengthBytes" : 1, "sha256" : "..."}], "digest" : "..."}
   *
   * It is never written a second time: another would vouch for what was damaged since.
   */

  /** The file's name in the export's directory. */
  public static final String FILE_NAME = "manifest.json";

  private static final String FORMAT = "tidemark.taosdump.manifest";
  private static final int VERSION = 1;

  /** Others are compared with the plan and the dumps themselves. */
  private static final List<String> PROVEN_FILES =
      List.of(ExportTask.FILE_NAME, TaosdumpScript.RESTORE);

  /** Copies the collections. */
  public ExportManifest {
    files = Map.copyOf(files);
    results = List.copyOf(results);
  }

  /**
   * Writes that of an export whose calls are all done, and the definitions that its restore
   * compares; durable when it returns. If there is one, what the calls left is compared with it.
   *
   * @throws TaosdumpException if that is not what it was when the manifest was written
   * @throws CorruptFileException if the manifest is damaged
   */
  static void seal(
      DumpDirectory directory,
      TaosdumpPlan plan,
      String version,
      long finishedMs,
      List<CallResult> results)
      throws IOException {
    ExportManifest sealed = read(directory.root());
    if (sealed != null) {
      sealed.check(results, directory);
      return;
    }
    DumpSchema schema = writeDefinitions(directory, results);
    Map<String, String> files = new LinkedHashMap<>();
    for (String name : PROVEN_FILES) {
      Path file = directory.root().resolve(name);
      if (Files.exists(file)) {
        files.put(name, DumpDigest.sha256(Files.readAllBytes(file)));
      }
    }
    ExportManifest manifest =
        new ExportManifest(
            TaosdumpScript.digest(plan), finishedMs, version, schema, files, results);
    directory.write(FILE_NAME, manifest.bytes());
  }

  /** Writes what a restore compares the target with; returns what the dumps say. */
  static DumpSchema writeDefinitions(DumpDirectory directory, List<CallResult> results)
      throws IOException {
    DumpDefinitions definitions = DumpDefinitions.of(directory, results.size());
    directory.write(DumpDefinitions.FILE_NAME, definitions.comparable(), false);
    return definitions.schema();
  }

  private void check(List<CallResult> actual, DumpDirectory directory) throws TaosdumpException {
    for (int i = 0; i < actual.size(); i++) {
      if (i >= results.size() || !results.get(i).equals(actual.get(i))) {
        throw new TaosdumpException(
            "files are not what they were when the export was complete: call="
                + (i + 1)
                + ", directory="
                + directory.done(i + 1));
      }
    }
  }

  private byte[] bytes() throws IOException {
    return ProvenJson.write(
        FORMAT,
        VERSION,
        json -> {
          json.writeStringField("plan", plan);
          json.writeNumberField("finishedMs", finishedMs);
          json.writeStringField("taosdump", version);
          schema.write(json);
          json.writeArrayFieldStart("files");
          for (String name : PROVEN_FILES) {
            if (files.containsKey(name)) {
              json.writeStartObject();
              json.writeStringField("name", name);
              json.writeStringField("sha256", files.get(name));
              json.writeEndObject();
            }
          }
          json.writeEndArray();
          json.writeArrayFieldStart("results");
          for (CallResult result : results) {
            TaosdumpRunFormat.write(result, json);
          }
          json.writeEndArray();
        });
  }

  /**
   * Reads that of a directory; null if there is none: the export is not complete, or a script
   * completed it and nobody looked since.
   *
   * @throws CorruptFileException if any byte of it is wrong
   * @throws io.tidemark.errors.UnsupportedFormatException if a newer program wrote it
   */
  public static @Nullable ExportManifest read(Path directory) throws IOException {
    Path file = directory.resolve(FILE_NAME);
    byte[] bytes = DumpDirectory.readIfThere(file);
    if (bytes == null) {
      return null;
    }
    JsonObject json = ProvenJson.read(bytes, file.toString(), FORMAT, VERSION).json();
    Map<String, String> files = new LinkedHashMap<>();
    for (JsonObject proven : json.objects("files")) {
      files.put(proven.text("name"), proven.text("sha256"));
    }
    List<CallResult> results = new ArrayList<>();
    for (JsonObject result : json.objects("results")) {
      results.add(TaosdumpRunFormat.result(result));
    }
    return new ExportManifest(
        json.text("plan"),
        json.number("finishedMs"),
        json.text("taosdump"),
        DumpSchema.read(json),
        files,
        results);
  }

  /** Returns how many bytes taosdump wrote. */
  public long lengthBytes() {
    return results.stream().mapToLong(CallResult::lengthBytes).sum();
  }
}
