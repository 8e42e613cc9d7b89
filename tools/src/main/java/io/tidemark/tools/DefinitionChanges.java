package io.tidemark.tools;

import io.tidemark.errors.TidemarkException;
import io.tidemark.tdengine.taosdump.ExportHistory;
import io.tidemark.tdengine.taosdump.ExportManifest;
import io.tidemark.tdengine.taosdump.ExportTask;
import io.tidemark.tdengine.taosdump.ObjectDefinition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tells in which exports tables and stables are defined otherwise than in those before them. */
final class DefinitionChanges {

  /**
   * A definition that is not what it was.
   *
   * @param export in which it is another
   * @param before the export that defined it last
   */
  record Change(String export, ObjectDefinition now, String before, ObjectDefinition was) {

    /** Returns it in words, for people. */
    @Override
    public String toString() {
      return export
          + ": "
          + now
          + " is defined otherwise than in "
          + before
          + ": "
          + was.shortFingerprint()
          + " -> "
          + now.shortFingerprint();
    }
  }

  private record Defined(String export, ObjectDefinition definition) {}

  private DefinitionChanges() {}

  /** Returns the changes in order of the exports; what has no manifest is passed over. */
  static List<Change> of(ExportHistory history) throws IOException {
    Map<String, Defined> last = new HashMap<>();
    List<Change> changes = new ArrayList<>();
    for (ExportHistory.Export export : history.all()) {
      ExportTask task = export.task();
      if (task == null || export.state() != ExportHistory.State.COMPLETE) {
        continue;
      }
      for (ObjectDefinition now : definitions(export)) {
        String object = task.plan().database() + "/" + now;
        Defined was = last.put(object, new Defined(export.name(), now));
        if (was != null && !was.definition.sha256().equals(now.sha256())) {
          changes.add(new Change(export.name(), now, was.export, was.definition));
        }
      }
    }
    return changes;
  }

  private static List<ObjectDefinition> definitions(ExportHistory.Export export)
      throws IOException {
    try {
      ExportManifest manifest = ExportManifest.read(export.directory());
      return manifest == null ? List.of() : manifest.schema().definitions();
    } catch (TidemarkException e) {
      // Whoever verifies it hears of that.
      return List.of();
    }
  }
}
