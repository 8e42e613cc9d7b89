package io.tidemark.tdengine.taosdump;

import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One call of taosdump 3.3.7.5 that was recorded against a real server.
 *
 * @param arguments what it was called with
 * @param exitCode what it ended with
 * @param text what it printed, without colours
 */
record Transcript(String arguments, int exitCode, String text) {
  private static final Pattern HEADING =
      Pattern.compile("### taosdump (.*) -> rc=([0-9]+) wall=.*");

  /** Lines of other programs that were recorded between the calls. */
  private static final Pattern FOREIGN = Pattern.compile("\\{'.*|[0-9]+");

  /** Reads the recorded exports. */
  static List<Transcript> exports() {
    return read("variants.txt");
  }

  /** Reads the recorded restores. */
  static List<Transcript> restores() {
    return read("restore.txt").stream().filter(call -> call.arguments.startsWith("-i ")).toList();
  }

  /** Returns all of them, or in the short form every fourth. */
  static List<Transcript> some(List<Transcript> calls) {
    int step = Rounds.of("tidemark.taosdump.step", 1, 4);
    List<Transcript> chosen = new ArrayList<>();
    for (int i = 0; i < calls.size(); i += step) {
      chosen.add(calls.get(i));
    }
    return chosen;
  }

  Direction direction() {
    return arguments.startsWith("-i ") ? Direction.IN : Direction.OUT;
  }

  private static List<Transcript> read(String name) {
    String all;
    try (InputStream in = Transcript.class.getResourceAsStream("/tdengine/taosdump/" + name)) {
      all = new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    List<Transcript> calls = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    String arguments = "";
    int exitCode = 0;
    for (String line : all.split("\n", -1)) {
      Matcher heading = HEADING.matcher(line);
      if (heading.matches()) {
        if (!arguments.isEmpty()) {
          calls.add(new Transcript(arguments, exitCode, text.toString()));
        }
        arguments = heading.group(1);
        exitCode = Integer.parseInt(heading.group(2));
        text.setLength(0);
      } else if (!FOREIGN.matcher(line).matches()) {
        text.append(line).append('\n');
      }
    }
    calls.add(new Transcript(arguments, exitCode, text.toString()));
    return calls;
  }

  @Override
  public String toString() {
    return arguments;
  }
}
