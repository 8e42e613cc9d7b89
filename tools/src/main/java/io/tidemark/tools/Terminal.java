package io.tidemark.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import picocli.CommandLine;

/**
 * Where a command writes: text or JSON lines to standard output, messages to standard error.
 *
 * <p>Colour only where picocli finds a terminal that wants it; {@code NO_COLOR} turns it off.
 */
final class Terminal {
  private static final JsonFactory JSON = new JsonFactory();

  /** Writes the fields of an object that was begun. */
  @FunctionalInterface
  interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean isJson;
  private final boolean isColoured;

  private Terminal(PrintWriter out, PrintWriter err, boolean isJson, boolean isColoured) {
    this.out = out;
    this.err = err;
    this.isJson = isJson;
    this.isColoured = isColoured;
  }

  static Terminal of(CommandLine commandLine, CommonOptions options) {
    return new Terminal(
        commandLine.getOut(),
        commandLine.getErr(),
        options.isJson(),
        commandLine.getColorScheme().ansi().enabled());
  }

  /** Returns the same with text for people on standard error: standard output has another use. */
  Terminal withTextOnErr() {
    return new Terminal(err, err, isJson, isColoured);
  }

  /** Returns whether results are to be JSON lines. */
  boolean isJson() {
    return isJson;
  }

  /** Returns whether standard output is a terminal that takes control sequences. */
  boolean isScreen() {
    return isColoured;
  }

  /** Returns the writer of standard output. */
  PrintWriter out() {
    return out;
  }

  /** Prints one line for people; nothing in JSON mode. */
  void line(String text) {
    if (!isJson) {
      out.println(text);
      out.flush();
    }
  }

  /** Prints text behind a label for people, wrapped; nothing in JSON mode. */
  void paragraph(String label, String text) {
    Paragraph.labelled(label, text).forEach(this::line);
  }

  /** Prints one line on standard error. */
  void note(String text) {
    err.println(Failures.oneLine(text));
    err.flush();
  }

  /** Prints an object on one line, in JSON mode only. */
  void event(String name, Fields fields) {
    if (!isJson) {
      return;
    }
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("event", name);
      fields.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.println(text);
    out.flush();
  }

  String bold(String text) {
    return styled("1", text);
  }

  String dim(String text) {
    return styled("2", text);
  }

  String good(String text) {
    return styled("32", text);
  }

  String bad(String text) {
    return styled("31", text);
  }

  private String styled(String code, String text) {
    return isColoured ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
