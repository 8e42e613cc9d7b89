package io.tidemark.tools;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A directory to run detections in: the server's data, the stores, and the output.
 *
 * @param server the server, which has written what it had at the first moment
 * @param data its data directory
 * @param stores where stores may go
 * @param output where the document goes
 */
record DetectDirectory(DemoServer server, Path data, Path stores, Path output) {

  static DetectDirectory create(Path directory) throws IOException {
    Path data = directory.resolve("data");
    DemoServer server = new DemoServer(data, directory.resolve("staging"));
    server.writeAll(1);
    return new DetectDirectory(
        server, data, directory.resolve("stores"), directory.resolve("blocks.json"));
  }

  Tool detect(Object... more) {
    Object[] args = new Object[more.length + 4];
    args[0] = "detect";
    args[1] = data;
    args[2] = "--output";
    args[3] = output;
    System.arraycopy(more, 0, args, 4, more.length);
    return Tool.run(args);
  }

  /** Returns the number of blocks in the document that was written last. */
  long blockCount() {
    return Long.parseLong(Json.read(output).get("blockCount").toString());
  }
}
