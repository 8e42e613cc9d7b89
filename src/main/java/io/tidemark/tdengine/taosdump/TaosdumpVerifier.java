package io.tidemark.tdengine.taosdump;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.storage.Directories;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Verifies what was exported with taosdump, runs and exports; changes nothing. One thread. */
public final class TaosdumpVerifier {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{6,9}");

  private final DumpDirectory directory;
  private final TaosdumpPlan plan;
  private final List<String> findings = new ArrayList<>();
  private long rowsOfAll;

  private TaosdumpVerifier(Path root, TaosdumpPlan plan) {
    this.directory = new DumpDirectory(root);
    this.plan = plan;
  }

  /**
   * Reads every file that taosdump wrote in a run, its containers of rows record by record, and
   * what the scripts go by.
   *
   * @return what is wrong, a line each; nothing if it is as it was written
   * @throws IOException if it could not be read
   */
  public static List<String> verify(TaosdumpRun run) throws IOException {
    TaosdumpVerifier verifier = new TaosdumpVerifier(run.directory(), run.dump());
    verifier.calls(run.results());
    verifier.statements();
    verifier.definitions(!run.schema().equals(DumpSchema.UNKNOWN));
    return verifier.findings;
  }

  /**
   * Reads every file of a complete export, likewise. What has a manifest is compared with that;
   * else only with what the calls themselves say.
   *
   * @param task what was to be exported
   * @return what is wrong, a line each; nothing if it is as it was written
   * @throws IOException if it could not be read
   */
  public static List<String> verify(Path root, ExportTask task) throws IOException {
    TaosdumpVerifier verifier = new TaosdumpVerifier(root, task.plan());
    verifier.export();
    return verifier.findings;
  }

  private void export() throws IOException {
    ExportManifest manifest = null;
    try {
      manifest = ExportManifest.read(directory.root());
    } catch (TidemarkException e) {
      findings.add(String.valueOf(e.getMessage()));
    }
    String digest = TaosdumpScript.digest(plan);
    compare("PLAN", digest, directory.plan());
    calls(manifest == null ? null : manifest.results());
    compare("COMPLETE", Long.toString(rowsOfAll), directory.completeRows());
    statements();
    definitions(manifest != null);
    if (manifest != null) {
      if (!manifest.plan().equals(digest)) {
        findings.add(
            "manifest is of another plan: expected=" + digest + ", actual=" + manifest.plan());
      }
      files(manifest);
    }
    strays();
  }

  private void compare(String name, String expected, String actual) {
    if (!expected.equals(actual)) {
      findings.add(
          "file is not what was written: expected="
              + expected
              + ", actual="
              + actual
              + ", file="
              + directory.root().resolve(name));
    }
  }

  /** Looks at every call of the plan, and compares it with what it left when it was sealed. */
  private void calls(@Nullable List<CallResult> results) throws IOException {
    Map<Integer, CallResult> sealed = new HashMap<>();
    int calls = plan.calls().size();
    if (results != null) {
      results.forEach(result -> sealed.put(result.call(), result));
      if (results.size() != calls || sealed.size() != calls) {
        findings.add(
            "manifest does not tell of every call: expected="
                + calls
                + ", actual="
                + results.size());
      }
    }
    for (int call = 1; call <= calls; call++) {
      try {
        call(call, sealed.get(call));
      } catch (TaosdumpException e) {
        findings.add(String.valueOf(e.getMessage()));
      }
    }
  }

  private void call(int call, @Nullable CallResult sealed) throws IOException {
    Path path = directory.done(call);
    Long rows = directory.rowsOf(call);
    Path dump = directory.dump(call);
    if (rows == null || !Files.isDirectory(dump)) {
      findings.add("call is missing: directory=" + path);
      return;
    }
    rowsOfAll += rows;
    boolean isGone = directory.isGone(call);
    DumpContents contents = DumpContents.of(dump);
    if (!isGone) {
      findings.addAll(contents.findings(plan.calls().get(call - 1), rows, dump));
    }
    if (sealed != null) {
      compare(sealed, rows, isGone, contents.digest());
    }
  }

  private void compare(CallResult sealed, long rows, boolean isGone, DumpDigest digest) {
    if (rows != sealed.rows() || isGone != sealed.isGone()) {
      findings.add(
          "call is not as it was left: expectedRows="
              + sealed.rows()
              + ", actual="
              + rows
              + ", directory="
              + directory.done(sealed.call()));
    }
    if (!digest.equals(new DumpDigest(sealed.lengthBytes(), sealed.sha256()))) {
      findings.add(
          "files are not what taosdump wrote: expectedBytes="
              + sealed.lengthBytes()
              + ", actual="
              + digest.lengthBytes()
              + ", directory="
              + directory.dump(sealed.call()));
    }
  }

  /** Looks at what a restore drops and deletes before it loads. */
  private void statements() throws IOException {
    TaosdumpScript script = new TaosdumpScript(plan, new ScriptNotes("", Instant.EPOCH, List.of()));
    Path file = directory.root().resolve(TaosdumpScript.STATEMENTS);
    if (Files.exists(file)) {
      compare(file, script.statements());
    } else {
      findings.add("file is missing: file=" + file);
    }
  }

  /** Looks at what a restore compares the target with. */
  private void definitions(boolean isSealed) throws IOException {
    Path file = directory.root().resolve(DumpDefinitions.FILE_NAME);
    if (!Files.exists(file)) {
      if (isSealed) {
        findings.add("file is missing: file=" + file);
      }
      return;
    }
    try {
      compare(file, DumpDefinitions.of(directory, plan.calls().size()).comparable());
    } catch (CorruptFileException | NoSuchFileException e) {
      assert !findings.isEmpty() : e;
    }
  }

  private void compare(Path file, String expected) throws IOException {
    if (!Arrays.equals(Files.readAllBytes(file), expected.getBytes(StandardCharsets.UTF_8))) {
      findings.add("file is not what was written: file=" + file);
    }
  }

  private void files(ExportManifest manifest) throws IOException {
    for (Map.Entry<String, String> proven : manifest.files().entrySet()) {
      Path file = directory.root().resolve(proven.getKey());
      if (!Files.isRegularFile(file)) {
        findings.add("file is missing: file=" + file);
      } else if (!DumpDigest.sha256(Files.readAllBytes(file)).equals(proven.getValue())) {
        findings.add("file is not what was written: file=" + file);
      }
    }
  }

  /** Looks for what no restore loads although it lies among the calls. */
  private void strays() throws IOException {
    for (Path path : Directories.list(directory.calls())) {
      String name = String.valueOf(path.getFileName());
      if (NUMBER.matcher(name).matches() && Integer.parseInt(name) > plan.calls().size()) {
        findings.add("call is of no plan: calls=" + plan.calls().size() + ", directory=" + path);
      }
    }
  }
}
