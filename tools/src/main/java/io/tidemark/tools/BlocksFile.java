package io.tidemark.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamReadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * The blocks that a detection named: what is read back of incremental_blocks.json.
 *
 * @param verdict of the detection
 * @param ids of all blocks, as they are in the file
 */
record BlocksFile(String verdict, Roaring64Bitmap ids) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Reads a file. */
  static BlocksFile read(Path file) throws IOException {
    String schema = null;
    String verdict = null;
    Roaring64Bitmap ids = new Roaring64Bitmap();
    try (JsonParser json = JSON.createParser(Files.newInputStream(file))) {
      int depth = 0;
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (token != JsonToken.VALUE_STRING) {
          continue;
        }
        String name = String.valueOf(json.currentName());
        if (depth == 1 && name.equals("schema")) {
          schema = json.getText();
        } else if (depth == 1 && name.equals("verdict")) {
          verdict = json.getText();
        } else if (name.equals("id") && isBlock(json)) {
          ids.addLong(Long.parseUnsignedLong(json.getText()));
        }
      }
    } catch (StreamReadException | NumberFormatException e) {
      throw refused(file, Failures.oneLine(String.valueOf(e.getMessage())));
    }
    if (verdict == null || !BlocksDocument.SCHEMA.equals(schema)) {
      throw refused(file, "schema=" + schema);
    }
    return new BlocksFile(verdict, ids);
  }

  private static boolean isBlock(JsonParser json) {
    var list = json.getParsingContext().getParent();
    return list != null && list.getParent() != null && isNamed(list.getParent().getCurrentName());
  }

  private static boolean isNamed(@Nullable String name) {
    return "blocks".equals(name);
  }

  private static CommandFailedException refused(Path file, String why) {
    return new CommandFailedException(
        ExitCode.USAGE, "not the result of a detection: " + why + ", file=" + file);
  }
}
