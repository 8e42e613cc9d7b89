package io.tidemark.tdengine.tmq;

import java.io.IOException;

/** Opens what a topic is read by; again whenever that failed. */
public interface TopicAccess {

  /** Subscribes to the topic. */
  TopicConsumer subscribe() throws IOException;

  /** Opens the directory of the database whose topic it is. */
  TableDirectory openDirectory() throws IOException;
}
