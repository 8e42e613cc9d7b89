package io.tidemark.tdengine.taosdump;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.tukaani.xz.LZMA2InputStream;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyError;

/** How the blocks of an Avro container are compressed: the four ways that taosdump has. */
enum AvroCodec {
  /** Not at all. */
  NULL {
    @Override
    ByteBuffer decompress(byte[] stored, int length) {
      return ByteBuffer.wrap(stored, 0, length);
    }
  },

  /** As a bare stream of deflate. */
  DEFLATE {
    @Override
    ByteBuffer decompress(byte[] stored, int length) throws IOException {
      Inflater inflater = new Inflater(true);
      try {
        inflater.setInput(stored, 0, length);
        byte[] block = new byte[Math.max(MIN_BUFFER_BYTES, Math.min(MAX_BLOCK_BYTES, 4 * length))];
        int size = 0;
        while (!inflater.finished()) {
          int more = inflater.inflate(block, size, block.length - size);
          size += more;
          if (more == 0 && !inflater.finished()) {
            if (size < block.length) {
              throw new IOException("stream of deflate has no end");
            }
            block = Arrays.copyOf(block, checked(2L * size));
          }
        }
        if (inflater.getRemaining() > 0) {
          throw behindTheEnd(inflater.getRemaining());
        }
        return ByteBuffer.wrap(block, 0, size);
      } catch (DataFormatException e) {
        throw new IOException("no stream of deflate: " + e.getMessage(), e);
      } finally {
        inflater.end();
      }
    }
  },

  /** Block by block, with the CRC32 of what was compressed behind it, its first byte first. */
  SNAPPY {
    @Override
    ByteBuffer decompress(byte[] stored, int length) throws IOException {
      int compressed = length - Integer.BYTES;
      if (compressed < 1) {
        throw new IOException("block of snappy is too short: lengthBytes=" + length);
      }
      byte[] block = uncompress(stored, compressed);
      CRC32 crc = new CRC32();
      crc.update(block);
      int expected = ByteBuffer.wrap(stored).getInt(compressed);
      if (expected != (int) crc.getValue()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "wrong CRC of a block: expected=0x%08X, actual=0x%08X",
                expected,
                crc.getValue()));
      }
      return ByteBuffer.wrap(block);
    }

    private byte[] uncompress(byte[] stored, int compressed) throws IOException {
      try {
        byte[] block = new byte[checked(Snappy.uncompressedLength(stored, 0, compressed))];
        int size = Snappy.uncompress(stored, 0, compressed, block, 0);
        if (size != block.length) {
          throw new IOException("wrong length: expected=" + block.length + ", actual=" + size);
        }
        return block;
      } catch (SnappyError e) {
        throw new IOException("snappy cannot be read here: " + e.getMessage(), e);
      }
    }
  },

  /** As a bare stream of LZMA2 with the dictionary of liblzma's default preset. */
  LZMA {
    @Override
    ByteBuffer decompress(byte[] stored, int length) throws IOException {
      ByteArrayInputStream in = new ByteArrayInputStream(stored, 0, length);
      try (LZMA2InputStream lzma = new LZMA2InputStream(in, LZMA_DICTIONARY_BYTES)) {
        byte[] block = lzma.readNBytes(MAX_BLOCK_BYTES + 1);
        checked(block.length);
        if (in.available() > 0) {
          throw behindTheEnd(in.available());
        }
        return ByteBuffer.wrap(block);
      }
    }
  };

  /** Longest block that is believed; those of taosdump have some 70,000 bytes. */
  static final int MAX_BLOCK_BYTES = 64 << 20;

  private static final int MIN_BUFFER_BYTES = 1 << 12;
  private static final int LZMA_DICTIONARY_BYTES = 8 << 20;

  /**
   * Returns what a block was before it was compressed; it may share the memory of its argument.
   *
   * @param stored holds the block at its beginning
   * @param length its bytes
   * @throws IOException if it was not compressed like this
   */
  abstract ByteBuffer decompress(byte[] stored, int length) throws IOException;

  /** Returns the one of a name as containers have it; throws if taosdump has none of that name. */
  static AvroCodec of(String name) throws IOException {
    for (AvroCodec codec : values()) {
      if (codec.name().toLowerCase(Locale.ROOT).equals(name)) {
        return codec;
      }
    }
    throw new IOException("unknown codec: known=null,deflate,snappy,lzma, actual=" + name);
  }

  private static int checked(long length) throws IOException {
    if (length < 0 || length > MAX_BLOCK_BYTES) {
      throw new IOException(
          "block is too long: max=" + MAX_BLOCK_BYTES + ", lengthBytes=" + length);
    }
    return (int) length;
  }

  private static IOException behindTheEnd(int bytes) {
    return new IOException("bytes behind the end of what was compressed: bytes=" + bytes);
  }
}
