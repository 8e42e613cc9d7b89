package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.testing.ChildJvm;
import io.tidemark.testing.ClassArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A {@link StoreProcess} as its parent sees it: started ahead, given orders, and brought to an end,
 * or not if it lives on.
 */
final class StoreChild implements AutoCloseable {
  private static final int LINES_KEPT = 12;
  private static final int END_TIMEOUT_S = 60;

  private final ChildJvm jvm;
  private final Deque<String> lastLines = new ArrayDeque<>();
  private int lives;
  private boolean isReady;

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

  /** What brings the lives of a child to an end. */
  @FunctionalInterface
  interface End {

    /** Kills the child, or takes away what its lives need. */
    void come(StoreChild child) throws IOException, InterruptedException;
  }

  /**
   * Lets stores live, all at a time, until some time after each of them has said a word; returns
   * when all lives have ended.
   *
   * @param orders one for each life
   * @param word "opening", "ready" or "metadata"
   * @throws AssertionError if a life ended before that or in another way
   */
  void live(List<StoreLife.Orders> orders, String word, int delayMs, End end)
      throws IOException, InterruptedException {
    awaitReady();
    Set<String> awaited = new HashSet<>();
    for (StoreLife.Orders life : orders) {
      awaited.add(lives + " " + word);
      lives++;
      jvm.writeLine(life.line());
    }
    CompletableFuture<Void> ended = new CompletableFuture<>();
    AtomicBoolean isEnding = new AtomicBoolean();
    int alive = orders.size();
    for (String line = readLine(); line != null; line = readLine()) {
      if (awaited.remove(line) && awaited.isEmpty()) {
        CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS)
            .execute(() -> bring(end, isEnding, ended));
      }
      boolean hasFailed = line.contains(" failed ");
      if (line.contains(" crashed ") || (hasFailed && !isEnding.get())) {
        throw new AssertionError("a life ended by itself: " + this);
      }
      alive -= hasFailed ? 1 : 0;
      if (alive == 0) {
        break;
      }
    }
    if (!awaited.isEmpty()) {
      throw new AssertionError("child ended by itself: " + this);
    }
    try {
      ended.get(END_TIMEOUT_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("lives could not be ended: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new AssertionError("lives were not ended: " + this, e);
    }
  }

  private void awaitReady() throws IOException {
    while (!isReady) {
      String line = readLine();
      if (line == null) {
        throw new AssertionError("child ended by itself: " + this);
      }
      isReady = line.equals("waiting");
    }
  }

  private @Nullable String readLine() throws IOException {
    String line = jvm.readLine();
    if (line != null) {
      lastLines.add(line);
    }
    if (lastLines.size() > LINES_KEPT) {
      lastLines.remove();
    }
    return line;
  }

  private void bring(End end, AtomicBoolean isEnding, CompletableFuture<Void> ended) {
    isEnding.set(true);
    try {
      end.come(this);
      ended.complete(null);
    } catch (IOException | InterruptedException | RuntimeException e) {
      ended.completeExceptionally(e);
      kill();
    }
  }

  /** Kills it as {@code kill -9} does; any thread. */
  void kill() {
    jvm.kill();
  }

  /** Returns whether it has ended. */
  boolean hasEnded() {
    return !jvm.isAlive();
  }

  /** Fails if the child ended in another way than by a kill. */
  void assertKilled() throws InterruptedException {
    assertEquals(128 + 9, jvm.awaitEnd(), this::toString);
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
