package io.tidemark.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveVerifier.Finding;
import io.tidemark.archive.ArchiveVerifier.Level;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.KeySource;
import io.tidemark.archive.RunReader;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.restore.ArchiveReport;
import io.tidemark.restore.TrialRestore;
import io.tidemark.storage.Directories;
import io.tidemark.storage.FileStorageIO;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.longlong.Roaring64Bitmap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Verifies the runs of an archive; also the specification's {@code --verify} form. */
@Command(
    name = VerifyCommand.NAME,
    description = {
      "Verify the runs of an archive; change nothing.",
      "With --run or --to: that run and those it needs."
    },
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class VerifyCommand implements Callable<Integer> {
  static final String NAME = "verify";

  private static final int NAMED_BLOCKS = 20;
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  /** How much is looked at. */
  enum Depth {
    /** Manifests, lengths, chains. */
    QUICK,
    /** Every byte. */
    FULL,
    /** Every byte, and a restore that is compared and thrown away. */
    RESTORE
  }

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private ArchiveParameter from;
  @Mixin private KeyOptions key;

  @Option(
      names = "--level",
      paramLabel = "LEVEL",
      defaultValue = "full",
      description = {
        "quick: manifests, lengths and chains; full: every byte; restore: and a restore that is",
        "compared and thrown away. Default: ${DEFAULT-VALUE}"
      })
  private Depth level;

  @Option(
      names = "--blocks",
      paramLabel = "FILE",
      description =
          "Result of a detection: the newest run, or that of --run, has to have them all.")
  private @Nullable Path blocks;

  @Option(names = "--report", paramLabel = "FILE", description = "Write the findings as JSON.")
  private @Nullable Path report;

  /** What --blocks asked and what became of it. */
  private record Compared(
      String run, String verdict, long asked, List<String> missing, long lost) {}

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    if (report != null) {
      OutputFile.checkWritable(report);
    }
    Archive archive = from.archive();
    KeySource keys = key.keys();
    ArchivedRun only = from.isOne() ? from.point().run() : null;
    ArchiveReport found =
        ArchiveReport.of(archive, only, level == Depth.QUICK ? Level.QUICK : Level.FULL, keys);
    List<Finding> findings = new ArrayList<>(found.findings());
    if (level == Depth.RESTORE && findings.isEmpty() && !found.runs().isEmpty()) {
      restore(archive, found.runs().get(found.runs().size() - 1), keys, findings);
    }
    Compared compared = blocks == null ? null : compare(archive, keys, blocks, findings);
    tell(found, findings, terminal);
    if (report != null) {
      OutputFile.write(report, out -> write(out, found, findings, compared));
    }
    return findings.isEmpty() ? ExitCode.DONE : ExitCode.VERIFICATION_FAILED;
  }

  private static void restore(
      Archive archive, ArchivedRun run, @Nullable KeySource keys, List<Finding> findings)
      throws IOException {
    Path scratch = Files.createTempDirectory("tidemark-verify-");
    try {
      TrialRestore.run(
          archive,
          run,
          keys,
          FileStorageIO.INSTANCE,
          scratch.resolve("engine"),
          EmbeddedOptions.defaults());
    } catch (CorruptFileException e) {
      findings.add(new Finding(run.runId(), run.directory(), String.valueOf(e.getMessage())));
    } finally {
      Directories.deleteTree(scratch);
    }
  }

  private Compared compare(
      Archive archive, @Nullable KeySource keys, Path file, List<Finding> findings)
      throws IOException {
    BlocksFile asked = BlocksFile.read(file);
    ArchivedRun run = from.point().run();
    Roaring64Bitmap missing = asked.ids().clone();
    try (RunReader reader = RunReader.open(archive, run, keys)) {
      while (reader.next()) {
        missing.removeLong(reader.blockId());
      }
    } catch (CorruptFileException e) {
      // It is among the findings already, or quick was asked for.
      findings.add(new Finding(run.runId(), run.directory(), String.valueOf(e.getMessage())));
    }
    List<String> named = new ArrayList<>();
    for (var ids = missing.getLongIterator(); ids.hasNext() && named.size() < NAMED_BLOCKS; ) {
      named.add(Long.toUnsignedString(ids.next()));
    }
    long lost = missing.getLongCardinality();
    if (lost > 0) {
      findings.add(
          new Finding(
              run.runId(),
              run.directory(),
              "blocks of the detection are not in the run: blocks="
                  + lost
                  + ", first="
                  + named.get(0)));
    }
    return new Compared(
        run.runId(), asked.verdict(), asked.ids().getLongCardinality(), named, lost);
  }

  private void tell(ArchiveReport found, List<Finding> findings, Terminal terminal) {
    for (Finding finding : findings) {
      terminal.line(terminal.bad("WRONG") + "  " + finding.message());
      terminal.line("       " + finding.file());
      terminal.event("finding", json -> write(finding, json));
    }
    for (String name : found.unfinished()) {
      terminal.line("note   run was never finished: " + name);
    }
    String result =
        findings.isEmpty() ? terminal.good("verified") : terminal.bad("VERIFICATION FAILED");
    terminal.line(
        result
            + ": "
            + DetectionSummary.counted(found.runs().size(), "run")
            + ", level "
            + level.name().toLowerCase(Locale.ROOT));
    terminal.event(
        "result",
        json -> {
          json.writeBooleanField("good", findings.isEmpty());
          json.writeStringField("level", level.name());
          json.writeNumberField("runs", found.runs().size());
          json.writeNumberField("findings", findings.size());
        });
  }

  private static void write(Finding finding, JsonGenerator json) throws IOException {
    json.writeStringField("run", finding.runId());
    json.writeStringField("file", finding.file().toString());
    json.writeStringField("message", finding.message());
  }

  private void write(
      Writer out, ArchiveReport found, List<Finding> findings, @Nullable Compared compared)
      throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      json.writeStartObject();
      json.writeStringField("schema", "tidemark.verification");
      json.writeNumberField("schemaVersion", 1);
      json.writeStringField("toolVersion", ToolVersion.text());
      json.writeStringField("created", Instant.now().toString());
      json.writeStringField("archive", from.archive().root().toAbsolutePath().toString());
      json.writeStringField("level", level.name());
      json.writeBooleanField("good", findings.isEmpty());
      json.writeArrayFieldStart("runs");
      for (ArchivedRun run : found.runs()) {
        json.writeStartObject();
        json.writeStringField("run", run.runId());
        json.writeStringField("digest", run.digest());
        json.writeBooleanField(
            "good", findings.stream().noneMatch(one -> one.runId().equals(run.runId())));
        json.writeNumberField("blocks", run.manifest().blocks());
        json.writeNumberField("deletedBlocks", run.manifest().deleted());
        json.writeNumberField("storedBytes", run.manifest().storedBytes());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("unfinished");
      for (String name : found.unfinished()) {
        json.writeString(name);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("findings");
      for (Finding finding : findings) {
        json.writeStartObject();
        write(finding, json);
        json.writeEndObject();
      }
      json.writeEndArray();
      write(compared, json);
      json.writeEndObject();
    }
    out.write(System.lineSeparator());
  }

  private static void write(@Nullable Compared compared, JsonGenerator json) throws IOException {
    if (compared == null) {
      json.writeNullField("blocks");
      return;
    }
    json.writeObjectFieldStart("blocks");
    json.writeStringField("run", compared.run);
    json.writeStringField("verdict", compared.verdict);
    json.writeNumberField("asked", compared.asked);
    json.writeNumberField("missing", compared.lost);
    json.writeArrayFieldStart("firstMissing");
    for (String id : compared.missing) {
      json.writeString(id);
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
