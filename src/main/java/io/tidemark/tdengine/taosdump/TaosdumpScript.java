package io.tidemark.tdengine.taosdump;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;

/**
 * The shell scripts that carry out a plan with nothing but taosdump and POSIX tools.
 *
 * <p>Immutable. The scripts hold no password. They work in the directory in which they lie,
 * wherever that is moved.
 */
public final class TaosdumpScript {

  /*
   * Layout of the directory:
   *   export.sh, restore.sh   executable
   *   restore.sql             what the target has to drop and delete; one statement a line
   *   PLAN                    digest of the plan whose output this is
   *   export.json             what the export pays for, see ExportTask; not read by the scripts
   *   calls/000001/           a call that is done: dump/ (taosdump's), rows, printed.txt, result.txt;
   *                           or gone, an empty file, if the object was dropped meanwhile
   *   calls/000001.part/      a call that is not
   *   definitions.sql         what stables and normal tables were when they were exported; see DumpDefinitions
   *   manifest.json           digests of all that, see ExportManifest; not written by the scripts
   *   COMPLETE                number of rows, once all calls are done
   *   export.log, restore.log what was done, and when
   * A call is done exactly if its directory has its final name, so a run that ended anywhere goes on there.
   */

  static final String EXPORT = "export.sh";
  static final String RESTORE = "restore.sh";
  static final String STATEMENTS = "restore.sql";

  private static final int NUMBER_DIGITS = 6;

  private final TaosdumpPlan plan;
  private final ScriptNotes notes;
  private final String calls;
  private final String statements;
  private final String digest;

  /**
   * Makes the scripts of a plan.
   *
   * @param notes what they say about themselves
   */
  public TaosdumpScript(TaosdumpPlan plan, ScriptNotes notes) {
    this.plan = plan;
    this.notes = notes;
    this.calls = calls(plan);
    this.statements = statements(plan);
    this.digest = digest(plan, calls, statements);
  }

  /** Returns the number of a call as directories and messages have it; the first is 1. */
  static String number(int call) {
    String digits = Integer.toString(call);
    return "0".repeat(Math.max(0, NUMBER_DIGITS - digits.length())) + digits;
  }

  /** Returns the SHA-256 of all a plan does: output of one plan is never taken for another's. */
  static String digest(TaosdumpPlan plan) {
    return digest(plan, calls(plan), statements(plan));
  }

  private static String digest(TaosdumpPlan plan, String calls, String statements) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(plan.database().getBytes(StandardCharsets.UTF_8));
      sha.update(calls.getBytes(StandardCharsets.UTF_8));
      sha.update(statements.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * Writes the scripts into a directory, which is made if need be; durable when it returns.
   *
   * @throws TaosdumpException if the directory holds the output of another plan
   */
  public void writeTo(Path directory) throws IOException {
    DumpDirectory target = new DumpDirectory(directory);
    target.claim(digest);
    target.write(STATEMENTS, statements(), false);
    target.write(EXPORT, export(), true);
    target.write(RESTORE, restore(), true);
  }

  /** Returns the script that exports. */
  public String export() {
    return head(
            "Exports with taosdump what is listed at the end of this file, from",
            "It goes on where a run before it ended. Restore with restore.sh.")
        + "escaped="
        + escaped()
        + "\nwritten="
        + ObjectNames.quoted(notes.written().toString())
        + "\n\n"
        + part("common.sh")
        + "\n"
        + part("export.sh")
        + calls
        + part("export-end.sh");
  }

  /** Returns the script that restores what the other exported. */
  public String restore() {
    StringBuilder loads = new StringBuilder();
    for (int call = 1; call <= plan.calls().size(); call++) {
      loads.append("load ").append(number(call)).append('\n');
    }
    return head(
            "Restores what export.sh exported of",
            "Give it the name of the target database; with --resume before it, it goes on where a run failed.")
        + "escaped="
        + escaped()
        + "\nstatements="
        + (plan.drops().size() + plan.deletions().size())
        + "\n\n"
        + part("common.sh")
        + "\n"
        + part("restore.sh")
        + loads
        + part("restore-end.sh");
  }

  /** Returns the statements of SQL that a restore begins with, one a line. */
  public String statements() {
    return statements;
  }

  private static String statements(TaosdumpPlan plan) {
    StringBuilder sql = new StringBuilder();
    for (DroppedObject drop : plan.drops()) {
      sql.append(drop.isStable() ? "DROP STABLE IF EXISTS " : "DROP TABLE IF EXISTS ")
          .append(ObjectNames.inSql(drop.name()))
          .append(";\n");
    }
    for (DeletedRows rows : plan.deletions()) {
      sql.append("DELETE FROM ")
          .append(ObjectNames.inSql(rows.table()))
          .append(" WHERE _rowts >= ")
          .append(rows.period().first())
          .append(" AND _rowts <= ")
          .append(rows.period().last())
          .append(";\n");
    }
    return sql.toString();
  }

  private static String calls(TaosdumpPlan plan) {
    StringBuilder text = new StringBuilder();
    int number = 0;
    for (DumpCall call : plan.calls()) {
      number++;
      text.append("dump ")
          .append(number(number))
          .append(' ')
          .append(call.scope())
          .append(' ')
          .append(ObjectNames.quoted(call.name()));
      Period period = call.period();
      if (period != null) {
        text.append(' ').append(period.first()).append(' ').append(period.last());
      }
      text.append('\n');
    }
    return text.toString();
  }

  private String head(String what, String usage) {
    StringBuilder text = new StringBuilder("#!/bin/sh\n");
    comment(text, what + " database " + plan.database() + ". Written by " + notes.tool() + ".");
    comment(text, usage);
    notes.lines().forEach(line -> comment(text, line));
    text.append("set -u\n\ndatabase=")
        .append(ObjectNames.quoted(plan.database()))
        .append("\ncount=")
        .append(plan.calls().size())
        .append("\nplan=")
        .append(digest)
        .append('\n');
    return text.toString();
  }

  private static void comment(StringBuilder text, String line) {
    text.append("# ").append(line.replaceAll("\\p{Cntrl}", " ")).append('\n');
  }

  private String escaped() {
    return ObjectNames.isPlain(plan.database()) ? "" : "-e";
  }

  private static String part(String name) {
    try (InputStream in = TaosdumpScript.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("part of this program is missing: name=" + name, e);
    }
  }
}
