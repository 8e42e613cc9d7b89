package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.testing.ChildJvm;
import io.tidemark.testing.ClassArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A {@link StoreProcess} as its parent sees it: started ahead, given orders, brought to an end. */
final class StoreChild implements AutoCloseable {
  private static final int LINES_KEPT = 12;
  private static final int END_TIMEOUT_S = 60;

  private final ChildJvm jvm;
  private final Set<String> said = new HashSet<>();
  private final Deque<String> lastLines = new ArrayDeque<>();

  private StoreChild(ChildJvm jvm) {
    this.jvm = jvm;
  }

  /** Archives the classes of such a child. */
  static ClassArchive archive(Path scratch) throws IOException, InterruptedException {
    return ClassArchive.of(StoreProcess.class, scratch.toString(), "true");
  }

  /** Starts a child that warms up in a directory of its own and waits for orders. */
  static StoreChild start(ClassArchive classes, Path scratch) throws IOException {
    return new StoreChild(classes.start(StoreProcess.class, scratch.toString(), "false"));
  }

  /** What brings a child to an end. */
  @FunctionalInterface
  interface End {
    void come(long pid) throws IOException, InterruptedException;
  }

  /**
   * Lets the child work until some time after it has said a word for the first time.
   *
   * @param word "opening", "ready" or "metadata"
   * @param end must kill the child
   */
  void work(StoreProcess.Orders orders, String word, int delayMs, End end)
      throws IOException, InterruptedException {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    for (String line = jvm.readLine(); line != null; line = jvm.readLine()) {
      lastLines.add(line);
      if (lastLines.size() > LINES_KEPT) {
        lastLines.remove();
      }
      String first = line.split(" ", 2)[0];
      if (first.equals("waiting")) {
        jvm.writeLine(orders.line());
      }
      if (said.add(first) && first.equals(word)) {
        CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS)
            .execute(() -> bring(end, ended));
      }
    }
    if (!said.contains(word) || said.contains("crashed")) {
      throw new AssertionError("writer ended by itself: " + this);
    }
    try {
      ended.get(END_TIMEOUT_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("writer could not be ended: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new AssertionError("writer was not ended: " + this, e);
    }
  }

  private void bring(End end, CompletableFuture<Void> ended) {
    try {
      end.come(jvm.pid());
      ended.complete(null);
    } catch (IOException | InterruptedException | RuntimeException e) {
      ended.completeExceptionally(e);
      jvm.kill();
    }
  }

  /** Fails if the child ended in another way than by a kill. */
  void assertKilled() throws InterruptedException {
    assertEquals(128 + 9, jvm.awaitEnd(), this::toString);
  }

  /** Returns whether it has said a word. */
  boolean hasSaid(String word) {
    return said.contains(word);
  }

  /** Returns what it has said last. */
  @Override
  public String toString() {
    try {
      return "child said " + lastLines + ", stderr=" + jvm.errors().lines().limit(20).toList();
    } catch (IOException e) {
      return "child said " + lastLines + ", stderr unreadable: " + e;
    }
  }

  @Override
  public void close() throws IOException {
    jvm.close();
  }
}
