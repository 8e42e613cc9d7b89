package io.tidemark.tdengine.taosdump;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Verifies runs that were exported with taosdump; changes nothing. */
public final class TaosdumpVerifier {
  private TaosdumpVerifier() {}

  /**
   * Reads every file that taosdump wrote, its containers of rows record by record, and what the
   * scripts go by.
   *
   * @return what is wrong, a line each; nothing if it is as it was written
   * @throws IOException if it could not be read
   */
  public static List<String> verify(TaosdumpRun run) throws IOException {
    List<String> findings = new ArrayList<>();
    DumpDirectory directory = new DumpDirectory(run.directory());
    if (run.results().size() != run.dump().calls().size()) {
      findings.add(
          "manifest does not tell of every call: expected="
              + run.dump().calls().size()
              + ", actual="
              + run.results().size());
    }
    for (CallResult result : run.results()) {
      try {
        verify(result, directory, findings);
      } catch (TaosdumpException e) {
        findings.add(String.valueOf(e.getMessage()));
      }
    }
    verifyStatements(run, findings);
    return findings;
  }

  private static void verify(CallResult result, DumpDirectory directory, List<String> findings)
      throws IOException {
    Path path = directory.done(result.call());
    Long rows = directory.rowsOf(result.call());
    Path dump = directory.dump(result.call());
    if (rows == null || !Files.isDirectory(dump)) {
      findings.add("call is missing: directory=" + path);
      return;
    }
    if (rows != result.rows() || directory.isGone(result.call()) != result.isGone()) {
      findings.add(
          "call is not as it was left: expectedRows="
              + result.rows()
              + ", actual="
              + rows
              + ", directory="
              + path);
    }
    if (!result.isGone()) {
      findings.addAll(DumpContents.of(dump).findings(result.rows(), dump));
    }
    DumpDigest digest = DumpDigest.of(dump);
    if (!digest.equals(new DumpDigest(result.lengthBytes(), result.sha256()))) {
      findings.add(
          "files are not what taosdump wrote: expectedBytes="
              + result.lengthBytes()
              + ", actual="
              + digest.lengthBytes()
              + ", directory="
              + dump);
    }
  }

  /** Looks at what a restore drops and deletes before it loads. */
  private static void verifyStatements(TaosdumpRun run, List<String> findings) throws IOException {
    TaosdumpScript script =
        new TaosdumpScript(run.dump(), new ScriptNotes("", Instant.EPOCH, List.of()));
    Path file = run.directory().resolve(TaosdumpScript.STATEMENTS);
    if (!Files.exists(file)) {
      findings.add("file is missing: file=" + file);
    } else if (!Files.readString(file).equals(script.statements())) {
      findings.add("file is not what was written: file=" + file);
    }
  }
}
