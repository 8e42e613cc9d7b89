package io.tidemark.tools;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.FileSets;
import io.tidemark.tdengine.RowDeletion;
import io.tidemark.tdengine.TimestampPrecision;
import io.tidemark.tdengine.taosdump.ChangedBlock;
import io.tidemark.tdengine.taosdump.IncrementalSet;
import io.tidemark.tdengine.taosdump.KnownBlocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link BlocksDocument} wrote, as far as a plan needs it.
 *
 * <p>One object per file. Fields it does not know are passed over.
 */
final class BlocksReader {
  private final Path file;
  private final @Nullable String wanted;
  private final TableNames tableNames;
  private final TreeSet<String> databases = new TreeSet<>();
  private final List<ChangedBlock> blocks = new ArrayList<>();
  private final List<RowDeletion> deletions = new ArrayList<>();
  private final KnownBlocks known = new KnownBlocks();
  private @Nullable FileSets fileSets;
  private Verdict verdict = Verdict.EXACT;
  private int failures;

  private BlocksReader(Path file, @Nullable String wanted, TableNames tableNames) {
    this.tableNames = tableNames;
    this.file = file;
    this.wanted = wanted;
  }

  /**
   * Reads a document.
   *
   * @param database the only one to take; null if there has to be one only
   * @param tableNames of tables whose names the log does not tell
   * @throws CommandFailedException if it is none, or its verdict does not allow an incremental copy
   */
  static IncrementalSet read(Path file, @Nullable String database, TableNames tableNames)
      throws IOException {
    BlocksReader reader = new BlocksReader(file, database, tableNames);
    try (JsonParser json = new JsonFactory().createParser(Files.newInputStream(file))) {
      return reader.read(json);
    } catch (JsonProcessingException | NumberFormatException e) {
      String why =
          e instanceof JsonProcessingException broken
              ? broken.getOriginalMessage()
              : e.getMessage();
      throw reader.damaged(Failures.oneLine(String.valueOf(why)));
    }
  }

  private CommandFailedException damaged(String why) {
    return new CommandFailedException(
        ExitCode.FAILED, "not a document of changed blocks: " + why + ": file=" + file);
  }

  private IncrementalSet read(JsonParser json) throws IOException {
    expect(json.nextToken(), JsonToken.START_OBJECT);
    String schema = "";
    long version = 0;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken token = json.nextToken();
      switch (field) {
        case "schema" -> schema = json.getText();
        case "schemaVersion" -> version = json.getLongValue();
        case "vgroups" -> {
          checkSchema(schema, version);
          expect(token, JsonToken.START_ARRAY);
          while (json.nextToken() == JsonToken.START_OBJECT) {
            readVgroup(json);
          }
        }
        case "failures" -> {
          while (json.nextToken() == JsonToken.START_OBJECT) {
            failures++;
            json.skipChildren();
          }
        }
        default -> json.skipChildren();
      }
    }
    expect(json.currentToken(), JsonToken.END_OBJECT);
    checkSchema(schema, version);
    return result();
  }

  private void checkSchema(String schema, long version) {
    if (!schema.equals(BlocksDocument.SCHEMA)) {
      throw damaged("schema=" + schema);
    }
    if (version != BlocksDocument.SCHEMA_VERSION) {
      throw new CommandFailedException(
          ExitCode.FAILED,
          "document is of another version: expected="
              + BlocksDocument.SCHEMA_VERSION
              + ", actual="
              + version
              + ", file="
              + file);
    }
  }

  private void expect(@Nullable JsonToken actual, JsonToken expected) {
    if (actual != expected) {
      throw damaged("expected=" + expected + ", actual=" + actual);
    }
  }

  private IncrementalSet result() {
    if (failures > 0) {
      throw new CommandFailedException(
          ExitCode.PARTIAL, "not every vgroup answered: failures=" + failures + ", file=" + file);
    }
    ScriptCommand.checkVerdict(verdict, "file=" + file);
    if (databases.isEmpty() && wanted != null) {
      throw new CommandFailedException(
          ExitCode.USAGE, "unknown database: value=" + wanted + ", file=" + file);
    }
    FileSets division = fileSets;
    String database = IncrementalSets.onlyOne(databases);
    if (division == null) {
      throw damaged("it names no precision");
    }
    return new IncrementalSet(database, division, blocks, deletions, known);
  }

  private void readVgroup(JsonParser json) throws IOException {
    Map<String, String> facts = new HashMap<>();
    boolean isWanted = true;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken token = json.nextToken();
      if (token.isScalarValue()) {
        facts.put(field, json.getText());
        if (field.equals("database")) {
          isWanted = wanted == null || wanted.equals(json.getText());
        }
      } else if (!isWanted || !isTaken(field)) {
        json.skipChildren();
      } else {
        int vgroup = Integer.parseInt(facts.getOrDefault("vgroup", ""));
        while (json.nextToken() == JsonToken.START_OBJECT) {
          take(field, vgroup, scalars(json));
        }
      }
    }
    if (isWanted) {
      databases.add(text(facts, "database"));
      verdict = verdict.worse(enumOf(Verdict.class, facts, "verdict"));
      TimestampPrecision precision = BlocksDocument.precisionOf(text(facts, "precision"));
      fileSets = new FileSets(precision, Integer.parseInt(text(facts, "minutesPerFileSet")));
    }
  }

  private static boolean isTaken(String field) {
    return field.equals("blocks") || field.equals("deletions") || field.equals("known");
  }

  /** Reads the scalar values of an object; one inside it is passed over. */
  private static Map<String, String> scalars(JsonParser json) throws IOException {
    Map<String, String> values = new HashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken token = json.nextToken();
      if (token == JsonToken.VALUE_NULL) {
        values.put(name, "");
      } else if (token.isScalarValue()) {
        values.put(name, json.getText());
      } else {
        json.skipChildren();
      }
    }
    return values;
  }

  private void take(String list, int vgroup, Map<String, String> values) {
    switch (list) {
      case "blocks" -> {
        String type = text(values, "type");
        if (type.equals("unknown")) {
          throw IncrementalSets.unnamed(vgroup, text(values, "id"));
        }
        long fileSet = type.equals("data") ? Long.parseLong(text(values, "fileSet")) : 0;
        BlockName name =
            new BlockName(
                enumOf(BlockName.Kind.class, values, "type"),
                Long.parseUnsignedLong(text(values, "uid")),
                0,
                fileSet,
                text(values, "table"),
                text(values, "stable"));
        blocks.add(
            new ChangedBlock(
                vgroup,
                enumOf(ChangeKind.class, values, "kind"),
                tableNames.of(name),
                position(values, "firstGeneration", "firstWalOffset"),
                position(values, "generation", "lastWalOffset"),
                Boolean.parseBoolean(text(values, "onlyDeletedFrom"))));
      }
      case "deletions" ->
          deletions.add(
              tableNames.of(
                  new RowDeletion(
                      vgroup,
                      position(values, "generation", "walOffset"),
                      Long.parseUnsignedLong(text(values, "uid")),
                      text(values, "table"),
                      text(values, "stable"),
                      Long.parseLong(text(values, "first")),
                      Long.parseLong(text(values, "last")))));
      default ->
          known.add(
              text(values, "stable"),
              Long.parseLong(text(values, "fileSet")),
              Long.parseLong(text(values, "count")));
    }
  }

  private static WalPosition position(
      Map<String, String> values, String generation, String walOffset) {
    return new WalPosition(
        Integer.parseUnsignedInt(text(values, generation)),
        Long.parseUnsignedLong(text(values, walOffset)));
  }

  private static String text(Map<String, String> values, String name) {
    String text = values.get(name);
    if (text == null) {
      throw new NumberFormatException("field is missing: name=" + name);
    }
    return text;
  }

  private static <E extends Enum<E>> E enumOf(
      Class<E> type, Map<String, String> values, String name) {
    String text = text(values, name);
    try {
      return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new NumberFormatException("unknown value: name=" + name + ", value=" + text);
    }
  }
}
