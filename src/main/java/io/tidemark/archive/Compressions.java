package io.tidemark.archive;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import org.jspecify.annotations.Nullable;

/** The compressions there are. */
public final class Compressions {

  /** What zstd itself takes for usual. */
  public static final int DEFAULT_ZSTD_LEVEL = 3;

  private static final Compression NONE = new None();
  private static final Compression LZ4 = new Lz4();
  private static final List<Compression> ALL =
      List.of(NONE, LZ4, new ZstdFrames(DEFAULT_ZSTD_LEVEL));

  private Compressions() {}

  /** Returns what leaves everything as it is. */
  public static Compression none() {
    return NONE;
  }

  /** Returns LZ4 frames: fast, not as small. */
  public static Compression lz4() {
    return LZ4;
  }

  /**
   * Returns zstd frames.
   *
   * @param level 1, fast, to 22, small and very slow
   * @throws IllegalArgumentException if there is no such level
   */
  public static Compression zstd(int level) {
    if (level < 1 || level > Zstd.maxCompressionLevel()) {
      throw new IllegalArgumentException(
          "no such zstd level: lowest=1, highest="
              + Zstd.maxCompressionLevel()
              + ", level="
              + level);
    }
    return new ZstdFrames(level);
  }

  /**
   * Returns the compression that a text names: {@code none}, {@code lz4}, {@code zstd} or {@code
   * zstd:LEVEL}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Compression named(String text) {
    if (text.startsWith("zstd:")) {
      try {
        return zstd(Integer.parseInt(text.substring("zstd:".length())));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("no such zstd level: level=" + text, e);
      }
    }
    for (Compression compression : ALL) {
      if (compression.name().equals(text)) {
        return compression;
      }
    }
    throw new IllegalArgumentException(
        "no such compression: known=none, lz4, zstd, zstd:LEVEL, asked=" + text);
  }

  /** Returns the compression with a code; null if there is none. */
  static @Nullable Compression withCode(int code) {
    for (Compression compression : ALL) {
      if (compression.code() == code) {
        return compression;
      }
    }
    return null;
  }

  private static final class None implements Compression {
    @Override
    public String name() {
      return "none";
    }

    @Override
    public int code() {
      return 0;
    }

    @Override
    public OutputStream compress(OutputStream out) {
      return out;
    }

    @Override
    public InputStream decompress(InputStream in) {
      return in;
    }
  }

  private static final class Lz4 implements Compression {
    @Override
    public String name() {
      return "lz4";
    }

    @Override
    public int code() {
      return 1;
    }

    @Override
    public OutputStream compress(OutputStream out) throws IOException {
      return new LZ4FrameOutputStream(out, BLOCKSIZE.SIZE_256KB);
    }

    @Override
    public InputStream decompress(InputStream in) throws IOException {
      return new LZ4FrameInputStream(in);
    }
  }

  private static final class ZstdFrames implements Compression {
    private final int level;

    ZstdFrames(int level) {
      this.level = level;
    }

    @Override
    public String name() {
      return "zstd";
    }

    @Override
    public int code() {
      return 2;
    }

    @Override
    public OutputStream compress(OutputStream out) throws IOException {
      return new ZstdOutputStreamNoFinalizer(out, level);
    }

    @Override
    public InputStream decompress(InputStream in) throws IOException {
      return new ZstdInputStreamNoFinalizer(in);
    }
  }
}
