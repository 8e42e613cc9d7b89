package io.tidemark.tools;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/**
 * What one run of the command line in this JVM came to.
 *
 * @param exitCode its exit code
 * @param out its standard output
 * @param err its standard error
 */
record Tool(int exitCode, String out, String err) {

  static Tool run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] texts = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      texts[i] = args[i].toString();
    }
    PrintWriter outWriter = new PrintWriter(out);
    PrintWriter errWriter = new PrintWriter(err);
    int exitCode = Main.execute(outWriter, errWriter, texts);
    outWriter.flush();
    errWriter.flush();
    return new Tool(exitCode, out.toString(), err.toString());
  }

  /** Returns the only line on standard error, without its end. */
  String errLine() {
    List<String> lines = err.lines().toList();
    if (lines.size() != 1) {
      throw new AssertionError("not one line on standard error: " + err);
    }
    return lines.get(0);
  }
}
