package io.tidemark.tools;

import io.tidemark.archive.Compression;
import io.tidemark.archive.Compressions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Says how the files of a run are compressed. */
final class CompressionOption {
  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--compression",
      paramLabel = "NAME",
      defaultValue = "zstd",
      description = "none, lz4, zstd or zstd:LEVEL. Default: ${DEFAULT-VALUE}")
  private String name;

  /** Returns the compression of that name. */
  Compression compression() {
    try {
      return Compressions.named(name);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
