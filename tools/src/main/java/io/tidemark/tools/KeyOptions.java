package io.tidemark.tools;

import io.tidemark.archive.KeySource;
import io.tidemark.errors.WrongKeyException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Where the secret of encrypted runs comes from; never from the command line itself. */
final class KeyOptions {
  private static final long MAX_SECRET_BYTES = 1 << 16;

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "Key of encrypted runs: 32 bytes or 64 hexadecimal digits.")
  private @Nullable Path keyFile;

  @Option(
      names = "--pass-phrase-file",
      paramLabel = "FILE",
      description = "File whose first line is the pass phrase of encrypted runs.")
  private @Nullable Path passPhraseFile;

  @Option(
      names = "--pass-phrase-env",
      paramLabel = "NAME",
      description = "Environment variable that holds the pass phrase.")
  private @Nullable String passPhraseVariable;

  /** Returns the secret; null if none was named. */
  @Nullable KeySource keys() throws IOException {
    if (Stream.of(keyFile, passPhraseFile, passPhraseVariable).filter(one -> one != null).count()
        > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--key-file, --pass-phrase-file and --pass-phrase-env exclude each other");
    }
    if (keyFile != null) {
      return KeySource.keyFile(read(keyFile), keyFile.toString());
    }
    if (passPhraseFile != null) {
      String text = new String(read(passPhraseFile), StandardCharsets.UTF_8);
      return passPhrase(text.lines().findFirst().orElse(""), "file=" + passPhraseFile);
    }
    if (passPhraseVariable != null) {
      String text = System.getenv(passPhraseVariable);
      return passPhrase(text == null ? "" : text, "variable=" + passPhraseVariable);
    }
    return null;
  }

  private static byte[] read(Path file) throws IOException {
    if (Files.size(file) > MAX_SECRET_BYTES) {
      throw new WrongKeyException("longer than any key: file=" + file);
    }
    return Files.readAllBytes(file);
  }

  private static KeySource passPhrase(String text, String where) {
    if (text.isEmpty()) {
      throw new WrongKeyException("pass phrase is empty: " + where);
    }
    return KeySource.passPhrase(text);
  }
}
