package dev.lengthwise;

import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.Conversation.Message;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.runtime.SavedText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// A conversation with a model: messages, and the session that has read them.
///
/// For one thread at a time. Holds native memory until it is closed.
public final class Chat implements AutoCloseable {

  private final Session session;
  private final List<Message> messages;
  private int dropped;

  Chat(Session session, List<Message> messages) {
    this.session = session;
    this.messages = new ArrayList<>(messages);
  }

  /// Adds a message without asking for an answer, such as one of the `system` at the begin.
  public void add(String role, String content) {
    messages.add(new Message(role, content));
  }

  /// Says something to the model and takes its answer, which then belongs to the conversation; one
  /// that was cancelled does so as far as it came.
  ///
  /// @param sink gets each piece of the answer as soon as its characters are complete
  /// @param cancelled ends the answer, such as a [CancelToken]
  /// @throws LengthwiseException when the model has no chat template, or when there are more tokens
  ///     than the limit of the session; the conversation is then as before
  public ChatReply say(
      String message, GenerationOptions options, Consumer<String> sink, BooleanSupplier cancelled) {
    messages.add(new Message("user", message));
    ChatReply reply;
    boolean done = false;
    try {
      reply = session.chat(Conversation.of(messages), options, sink, cancelled);
      done = true;
    } finally {
      if (!done) {
        messages.removeLast();
      }
    }
    forget(reply.droppedMessages());
    messages.add(new Message("assistant", reply.text()));
    return reply;
  }

  // The oldest messages but those of the system, as the session dropped them.
  private void forget(int count) {
    int first = 0;
    while (Conversation.isOfSystem(messages.get(first).role())) {
      first++;
    }
    messages.subList(first, first + count).clear();
    dropped += count;
  }

  /// The messages so far, but for those that were dropped.
  public List<Message> messages() {
    return List.copyOf(messages);
  }

  /// Number of messages that were dropped since the conversation had more tokens than its limit.
  public int droppedMessages() {
    return dropped;
  }

  /// The session that has read the conversation.
  public Session session() {
    return session;
  }

  /// Begins anew: no messages but those of the system.
  public void reset() {
    messages.removeIf(message -> !Conversation.isOfSystem(message.role()));
    dropped = 0;
    session.rewind(0);
  }

  /// Writes the conversation to a file, for [PositionedModel#restoreChat].
  ///
  /// @throws LengthwiseException when the file cannot be written
  public void save(Path file) {
    saved().write(file);
  }

  /// Writes the conversation to a file with the keys and values of what has been read, as
  /// [Session#saveState] does, for [PositionedModel#restoreChat].
  ///
  /// @throws LengthwiseException when the file cannot be written, or where keys and values are not
  ///     in pages
  public void saveState(Path file) {
    session.saveState(file, saved());
  }

  private SavedText saved() {
    return session.saved().withMessages(messages);
  }

  /// Releases what the session remembers.
  @Override
  public void close() {
    session.close();
  }
}
