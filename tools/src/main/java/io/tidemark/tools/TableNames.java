package io.tidemark.tools;

import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.RowDeletion;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names of tables by uid, as the server exports them: for tables that were created before the log
 * begins, whose names it does not tell.
 *
 * <p>A file of lines {@code uid,table,stable}, with or without quotes and a heading; the stable is
 * empty or NULL for a normal table. Immutable.
 */
final class TableNames {
  /** Knows of none. */
  static final TableNames NONE = new TableNames(Map.of());

  private static final int FIELDS = 3;

  private record Names(String table, String stable) {}

  private final Map<Long, Names> names;

  private TableNames(Map<Long, Names> names) {
    this.names = names;
  }

  /**
   * Reads a file.
   *
   * @throws CommandFailedException if a line of it is something else
   */
  static TableNames read(Path file) throws IOException {
    Map<Long, Names> names = new HashMap<>();
    try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      int number = 0;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        List<String> fields = fields(line);
        Long uid = fields.size() == FIELDS ? uid(fields.get(0)) : null;
        if (uid != null && !fields.get(1).isEmpty()) {
          String stable = fields.get(2).equals("NULL") ? "" : fields.get(2);
          names.put(uid, new Names(fields.get(1), stable));
        } else if (number > 1 && !line.isBlank()) {
          throw new CommandFailedException(
              ExitCode.FAILED, "not a line uid,table,stable: line=" + number + ", file=" + file);
        }
      }
    } catch (CharacterCodingException e) {
      throw new CommandFailedException(ExitCode.FAILED, "not UTF-8: file=" + file, e);
    }
    return new TableNames(names);
  }

  private static @Nullable Long uid(String field) {
    try {
      return field.startsWith("-") ? Long.parseLong(field) : Long.parseUnsignedLong(field);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** Splits a line at commas outside quotes; into nothing if a quote is not closed. */
  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote != 0 && c == quote) {
        if (i + 1 < line.length() && line.charAt(i + 1) == quote) {
          field.append(c);
          i++;
        } else {
          quote = 0;
        }
      } else if (quote == 0 && field.isEmpty() && (c == '"' || c == '\'')) {
        quote = c;
      } else if (quote == 0 && c == ',') {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return quote == 0 ? fields : List.of();
  }

  /** Returns the same block with the names that the log did not tell, if they are known. */
  BlockName of(BlockName block) {
    Names found = block.kind() == BlockName.Kind.STABLE ? null : names.get(block.uid());
    if (found == null || !block.table().isEmpty()) {
      return block;
    }
    return new BlockName(
        block.kind(), block.uid(), block.suid(), block.fileSet(), found.table, found.stable);
  }

  /** Returns the same deletion with the names that the log did not tell, if they are known. */
  RowDeletion of(RowDeletion deletion) {
    Names found = names.get(deletion.uid());
    return found == null || !deletion.table().isEmpty()
        ? deletion
        : deletion.named(found.table, found.stable);
  }
}
