package io.tidemark.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.tidemark.errors.TidemarkException;
import io.tidemark.tdengine.taosdump.CallResult;
import io.tidemark.tdengine.taosdump.ExportHistory.Export;
import io.tidemark.tdengine.taosdump.ExportManifest;
import io.tidemark.tdengine.taosdump.ExportTask;
import io.tidemark.tdengine.taosdump.TaosdumpVerifier;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What became of looking at every byte of some exports, in the order of their restore. */
final class ExportsVerification {
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  /**
   * An export that was looked at.
   *
   * @param isProven whether it has a manifest that can be read
   */
  private record Verified(
      String name, boolean isProven, int calls, long rows, long bytes, List<String> findings) {}

  private final Path root;
  private final String wanted;
  private final List<Verified> exports = new ArrayList<>();

  private ExportsVerification(Path root, String wanted) {
    this.root = root;
    this.wanted = wanted;
  }

  /**
   * Looks at exports and tells of each finding at once.
   *
   * @param wanted the one whose restore needs them
   * @param order of their restore
   */
  static ExportsVerification of(Path root, String wanted, List<Export> order, Terminal terminal)
      throws IOException {
    ExportsVerification verification = new ExportsVerification(root, wanted);
    for (Export export : order) {
      verification.look(export, terminal);
    }
    verification.tell(terminal);
    return verification;
  }

  private void look(Export export, Terminal terminal) throws IOException {
    ExportTask task = Objects.requireNonNull(export.task(), "export is not complete");
    List<String> findings = TaosdumpVerifier.verify(export.directory(), task);
    ExportManifest manifest = manifest(export);
    for (String finding : findings) {
      terminal.line(terminal.bad("WRONG") + "  " + export.name() + ": " + finding);
      terminal.event("finding", json -> write(export.name(), finding, json));
    }
    if (manifest == null && findings.isEmpty()) {
      terminal.note(
          "export has no manifest, so a changed value cannot be found: script --resume writes one,"
              + " where it can still be gone on with: directory="
              + export.directory());
    }
    exports.add(
        new Verified(
            export.name(),
            manifest != null,
            task.plan().calls().size(),
            manifest == null ? 0 : manifest.results().stream().mapToLong(CallResult::rows).sum(),
            manifest == null ? 0 : manifest.lengthBytes(),
            findings));
  }

  /** A manifest that cannot be read is among the findings. */
  private static @Nullable ExportManifest manifest(Export export) throws IOException {
    try {
      return ExportManifest.read(export.directory());
    } catch (TidemarkException e) {
      return null;
    }
  }

  /** Returns whether all of them are as they were left. */
  boolean isGood() {
    return exports.stream().allMatch(export -> export.findings.isEmpty());
  }

  private void tell(Terminal terminal) {
    long findings = exports.stream().mapToLong(export -> export.findings.size()).sum();
    long rows = exports.stream().mapToLong(Verified::rows).sum();
    long unproven = exports.stream().filter(export -> !export.isProven).count();
    terminal.line(
        (isGood() ? terminal.good("verified") : terminal.bad("VERIFICATION FAILED"))
            + ": "
            + DetectionSummary.counted(exports.size(), "export")
            + " that a restore of "
            + wanted
            + " needs");
    terminal.event(
        "result",
        json -> {
          json.writeBooleanField("good", isGood());
          json.writeStringField("of", wanted);
          json.writeNumberField("exports", exports.size());
          json.writeNumberField("rows", rows);
          json.writeNumberField("unproven", unproven);
          json.writeNumberField("findings", findings);
        });
  }

  private static void write(String export, String finding, JsonGenerator json) throws IOException {
    json.writeStringField("export", export);
    json.writeStringField("message", finding);
  }

  /** Writes what was found as JSON. */
  void writeTo(Writer out) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      json.writeStartObject();
      json.writeStringField("schema", "tidemark.exports.verification");
      json.writeNumberField("schemaVersion", 1);
      json.writeStringField("toolVersion", ToolVersion.text());
      json.writeStringField("created", Clock.systemUTC().instant().toString());
      json.writeStringField("directory", root.toAbsolutePath().toString());
      json.writeStringField("of", wanted);
      json.writeBooleanField("good", isGood());
      json.writeArrayFieldStart("exports");
      for (Verified export : exports) {
        json.writeStartObject();
        json.writeStringField("name", export.name);
        json.writeBooleanField("good", export.findings.isEmpty());
        json.writeBooleanField("manifest", export.isProven);
        json.writeNumberField("calls", export.calls);
        json.writeNumberField("rows", export.rows);
        json.writeNumberField("lengthBytes", export.bytes);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("findings");
      for (Verified export : exports) {
        for (String finding : export.findings) {
          json.writeStartObject();
          write(export.name, finding, json);
          json.writeEndObject();
        }
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    out.write(System.lineSeparator());
  }
}
