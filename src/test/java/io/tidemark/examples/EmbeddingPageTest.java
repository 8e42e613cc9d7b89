package io.tidemark.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.RepositoryFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code on docs/EMBEDDING.md is compiled, runs, and does what the page says. */
class EmbeddingPageTest {
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w*)\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern REGION =
      Pattern.compile(
          "^ *// tag::(\\w+)\\[\\]\\n(.*?)^ *// end::\\1\\[\\]$",
          Pattern.DOTALL | Pattern.MULTILINE);

  @TempDir Path directory;

  private static List<String> blocks(String language) throws IOException {
    List<String> blocks = new ArrayList<>();
    Matcher block = BLOCK.matcher(RepositoryFiles.read("docs/EMBEDDING.md"));
    while (block.find()) {
      if (block.group(1).equals(language)) {
        blocks.add(block.group(2));
      }
    }
    return blocks;
  }

  @Test
  void shouldShowTheExampleAndNoOtherCode() throws IOException {
    Map<String, String> regions = new TreeMap<>();
    Matcher region =
        REGION.matcher(
            RepositoryFiles.read("src/test/java/io/tidemark/examples/EmbeddingExample.java"));
    while (region.find()) {
      regions.put(region.group(1), region.group(2).stripTrailing().stripIndent() + "\n");
    }

    List<String> shown = blocks("java");

    assertEquals(regions.size(), shown.size());
    for (String block : shown) {
      assertTrue(regions.containsValue(block), () -> "not in the example:\n" + block);
    }
  }

  @Test
  void shouldDoWhatThePageSays() throws IOException, InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    EmbeddingExample.run(directory, out);

    assertEquals(
        List.of(
            "copy 7",
            "copy 8",
            "copied through 1/4",
            "forget 8, because of UPDATE",
            "the cache has seen it: failures=0",
            "the log may be recycled through 1/1",
            "delete 1",
            "write 2: first",
            "copy 7",
            "copy 8",
            "PREPARE 0",
            "COPY 0",
            "COPY 1",
            "SEAL 1",
            "COMMIT 1",
            "restored 2 blocks of 2 runs",
            "verified 1 run, wrong: []",
            "7 DELETED last at 1/4",
            "8 NEW last at 1/3",
            "event: UPDATE"),
        bytes.toString(StandardCharsets.UTF_8).lines().toList());
  }

  @Test
  void shouldNameTheOptionsThatAJvmNeeds() throws IOException {
    List<String> needed = List.of(System.getProperty("tidemark.jvmArgs", "").trim().split("\\s+"));
    List<String> shown = new ArrayList<>();
    for (String block : blocks("text")) {
      block.lines().filter(line -> line.startsWith("-")).forEach(shown::add);
    }

    assertTrue(
        shown.containsAll(needed.stream().filter(option -> !option.equals("-ea")).toList()),
        () -> "needed " + needed + ", shown " + shown);
  }
}
