package io.tidemark.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a detection wrote, read back from its file.
 *
 * @param verdict of the whole
 * @param blocks every block with all its fields
 * @param through vgroup id to {@code generation/offset}
 * @param recovery what opening each store found
 */
record DemoAnswer(
    String verdict, Set<String> blocks, Map<Integer, String> through, List<String> recovery) {

  static DemoAnswer read(Path file) throws IOException {
    try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
      String verdict = "";
      Set<String> blocks = new TreeSet<>();
      Map<Integer, String> through = new TreeMap<>();
      List<String> recovery = new ArrayList<>();
      int vgroup = 0;
      int depth = 0;
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          depth++;
        } else if (token == JsonToken.END_OBJECT) {
          depth--;
        } else if (token == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          if (depth == 1 && name.equals("verdict")) {
            verdict = json.nextTextValue();
          } else if (depth == 2 && name.equals("vgroup")) {
            vgroup = json.nextIntValue(0);
          } else if (name.equals("completeThrough")) {
            json.nextToken();
            through.put(vgroup, fields(json).replaceAll(".*=(\\d+) .*=(\\d+) ", "$1/$2"));
          } else if (name.equals("recovery")) {
            recovery.add(json.nextTextValue());
          } else if (depth == 2 && name.equals("blocks")) {
            json.nextToken();
            while (json.nextToken() == JsonToken.START_OBJECT) {
              blocks.add(fields(json));
            }
          }
        }
      }
      return new DemoAnswer(verdict, blocks, through, recovery);
    }
  }

  /** Returns the fields of the object that was begun, as text. */
  private static String fields(JsonParser json) throws IOException {
    StringBuilder text = new StringBuilder();
    int depth = 1;
    String name = "";
    while (depth > 0) {
      JsonToken token = json.nextToken();
      if (token == JsonToken.START_OBJECT) {
        depth++;
      } else if (token == JsonToken.END_OBJECT) {
        depth--;
      } else if (token == JsonToken.FIELD_NAME) {
        name = json.currentName();
      } else {
        text.append(name).append('=').append(json.getText()).append(' ');
      }
    }
    return text.toString();
  }
}
