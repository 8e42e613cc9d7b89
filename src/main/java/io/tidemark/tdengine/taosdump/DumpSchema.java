package io.tidemark.tdengine.taosdump;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.backup.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What dumps say of their database and of what they copied of it. Nothing in it is null but what no
 * dump told.
 *
 * @param precision of timestamps: ms, us or ns
 * @param keep how long rows are kept, as the server words it: {@code 3650d,3650d,3650d}. Rows that
 *     are older cannot be loaded, and are missing in the database after that time
 * @param duration of a file set: {@code 10d}
 * @param definitions of stables and normal tables, by kind and name; two of one name if it was
 *     altered while it was exported
 */
public record DumpSchema(
    @Nullable String precision,
    @Nullable String keep,
    @Nullable String duration,
    List<ObjectDefinition> definitions) {
  /** Of dumps about which nothing is known. */
  static final DumpSchema UNKNOWN = new DumpSchema(null, null, null, List.of());

  private static final String FIELD = "schema";

  /** Copies the list. */
  public DumpSchema {
    definitions = List.copyOf(definitions);
  }

  /** Writes it as a field of the object that is open. */
  void write(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart(FIELD);
    json.writeStringField("precision", precision);
    json.writeStringField("keep", keep);
    json.writeStringField("duration", duration);
    json.writeArrayFieldStart("definitions");
    for (ObjectDefinition definition : definitions) {
      json.writeStartObject();
      json.writeBooleanField("stable", definition.isStable());
      json.writeStringField("name", definition.name());
      json.writeStringField("sha256", definition.sha256());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Reads the field of an object; manifests of older programs have none. */
  static DumpSchema read(JsonObject parent) {
    JsonObject json = parent.objectOrNull(FIELD);
    if (json == null) {
      return UNKNOWN;
    }
    List<ObjectDefinition> definitions = new ArrayList<>();
    for (JsonObject definition : json.objects("definitions")) {
      definitions.add(
          new ObjectDefinition(
              definition.isTrue("stable"), definition.text("name"), definition.text("sha256")));
    }
    return new DumpSchema(
        json.textOrNull("precision"),
        json.textOrNull("keep"),
        json.textOrNull("duration"),
        definitions);
  }
}
