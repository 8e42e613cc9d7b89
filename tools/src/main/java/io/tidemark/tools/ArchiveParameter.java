package io.tidemark.tools;

import io.tidemark.archive.Archive;
import io.tidemark.restore.RestorePoint;
import io.tidemark.restore.RestorePoints;
import io.tidemark.restore.RunIndex;
import io.tidemark.tracker.Chains;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Names an archive and, if need be, one run or point in it. */
final class ArchiveParameter {
  static final String LATEST = "latest";

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Mixin private ArchiveDirectory directory;

  @Option(names = "--run", paramLabel = "RUN", description = "The run of this name.")
  private @Nullable String run;

  @Option(
      names = "--to",
      paramLabel = "POINT",
      description = {
        "wal:N, wal:GENERATION/N or time:T: the run that holds exactly that point;",
        "latest: the newest run of the chain. Default: latest"
      })
  private @Nullable String to;

  @Option(
      names = "--chain",
      paramLabel = "NAME",
      defaultValue = Chains.DEFAULT,
      description = "Chain of --to. Default: ${DEFAULT-VALUE}")
  private String chain;

  @Option(
      names = "--shard",
      paramLabel = "NAME",
      description = "Engine of --to, if the archive holds several.")
  private @Nullable String shard;

  /** Returns the archive, which has to be there. */
  Archive archive() {
    return directory.archive();
  }

  /** Returns whether one run was asked for, by name or by a point. */
  boolean isOne() {
    return run != null || to != null;
  }

  /** Returns the run that was asked for. */
  RestorePoint point() throws IOException {
    if (run != null && to != null) {
      throw new ParameterException(spec.commandLine(), "--run and --to exclude each other");
    }
    RunIndex index = RunIndex.of(archive());
    if (run != null) {
      var found = archive().run(run);
      RestorePoints points =
          RestorePoints.of(index, found.manifest().plan().chain(), found.manifest().plan().shard());
      return points.all().stream()
          .filter(point -> point.run().runId().equals(found.runId()))
          .findFirst()
          .orElseThrow();
    }
    RestorePoints points = RestorePoints.of(index, chain, shard);
    return to == null || to.equals(LATEST) ? points.newest() : at(points, to);
  }

  private RestorePoint at(RestorePoints points, String text) {
    Since parsed;
    try {
      parsed = SinceParser.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    if (parsed instanceof Since.Offset offset) {
      return points.atOffset(offset.walOffset());
    }
    if (parsed instanceof Since.Position position) {
      return points.at(position.position());
    }
    if (parsed instanceof Since.Time time) {
      return points.atTime(time.timestampNs());
    }
    throw new ParameterException(
        spec.commandLine(), "--to takes wal:N, time:T or latest: value=" + text);
  }
}
