package io.tidemark.tdengine.taosdump;

import io.tidemark.tdengine.taosdump.TaosdumpOutcome.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a call of taosdump printed, reduced to what its outcome depends on.
 *
 * <p>Memory does not depend on how much was printed. Used by one thread.
 */
final class TaosdumpOutput {

  /*
   * taosdump ends with exit code 0 after it lost a table, a file or a time range, so a call is done only
   * if it ended with 0, printed no error, and printed its total of rows exactly once. What it prints is
   * coloured, begins with dots of a progress bar, and may be cut anywhere, because threads print at the
   * same time. So an error counts wherever in a line it stands: a table whose name looks like an error
   * fails a call that was none; the other way round rows would be lost in silence.
   */

  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;?]*[A-Za-z]");
  private static final Pattern ERROR = Pattern.compile("ERROR: (.*)");
  private static final Pattern MISSING =
      Pattern.compile("Invalid table/stable .*|input the invalid table .*");
  private static final Pattern LOST = Pattern.compile("WARN: .*failed to dump.*");
  private static final String CODE_REFUSED = "0x80000357";
  private static final String CODE_UNREACHABLE = "0x8000000b";

  private static final int MAX_LINE_CHARS = 1 << 16;
  private static final int OVERLAP_CHARS = 128;
  private static final int MAX_DETAIL_CHARS = 500;

  private final Pattern total;
  private final StringBuilder line = new StringBuilder();
  private String firstError = "";
  private boolean isOnlyMissing = true;
  private boolean isRefused;
  private boolean isUnreachable;
  private String lastLine = "";
  private int totals;
  private long rows;

  TaosdumpOutput(Direction direction) {
    total = Pattern.compile("OK: ([0-9]{1,18}) row\\(s\\) dumped " + direction.word() + "!");
  }

  /** Takes in one of the streams to its end; what stands on one line must not be on two streams. */
  void read(InputStream in) throws IOException {
    Reader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    for (int c = reader.read(); c >= 0; c = reader.read()) {
      if (c == '\n' || c == '\r') {
        endLine();
      } else {
        if (line.length() == MAX_LINE_CHARS) {
          cutLine();
        }
        line.append((char) c);
      }
    }
    endLine();
  }

  /** Looks at a line that has no end yet, and at what it ended with once more: no word is cut. */
  private void cutLine() {
    String end = line.substring(line.length() - OVERLAP_CHARS);
    endLine();
    line.append(end);
  }

  private void endLine() {
    String text = COLOUR.matcher(line).replaceAll("").strip();
    line.setLength(0);
    if (text.isEmpty()) {
      return;
    }
    lastLine = text;
    Matcher error = ERROR.matcher(text);
    if (error.find()) {
      take(error.group(1));
    } else if (LOST.matcher(text).find()) {
      take(text);
    }
    Matcher found = total.matcher(text);
    while (found.find()) {
      totals++;
      rows = Long.parseLong(found.group(1));
    }
  }

  private void take(String error) {
    if (firstError.isEmpty()) {
      firstError = error.isEmpty() ? "an error without text" : error;
    }
    isOnlyMissing &= MISSING.matcher(error).matches();
    isRefused |= error.contains(CODE_REFUSED);
    isUnreachable |= error.contains(CODE_UNREACHABLE);
  }

  /** Returns what the call came to, once everything it printed was taken in. */
  TaosdumpOutcome outcome(int exitCode) {
    if (!firstError.isEmpty()) {
      return new TaosdumpOutcome(kindOfError(), 0, cut(firstError.strip()));
    }
    if (exitCode != 0) {
      String said = lastLine.isEmpty() ? "" : ", lastLine=" + cut(lastLine);
      return failed("taosdump failed: exitCode=" + exitCode + said);
    }
    if (totals != 1) {
      return failed("taosdump printed no single total of rows: totals=" + totals);
    }
    return new TaosdumpOutcome(Kind.DONE, rows, "");
  }

  private Kind kindOfError() {
    if (isOnlyMissing) {
      return Kind.MISSING;
    }
    if (isRefused) {
      return Kind.REFUSED;
    }
    return isUnreachable ? Kind.UNREACHABLE : Kind.FAILED;
  }

  private static TaosdumpOutcome failed(String detail) {
    return new TaosdumpOutcome(Kind.FAILED, 0, detail);
  }

  private static String cut(String text) {
    return text.length() <= MAX_DETAIL_CHARS ? text : text.substring(0, MAX_DETAIL_CHARS) + "...";
  }

  /** Returns the outcome of a call from both of its streams. */
  static TaosdumpOutcome outcome(
      Direction direction, int exitCode, List<? extends InputStream> streams) throws IOException {
    TaosdumpOutput output = new TaosdumpOutput(direction);
    for (InputStream stream : new ArrayList<>(streams)) {
      output.read(stream);
    }
    return output.outcome(exitCode);
  }
}
