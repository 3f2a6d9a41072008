package dev.lengthwise.langchain4j;

import dev.lengthwise.ChatReply;
import dev.lengthwise.ContextPolicy;
import dev.lengthwise.PositionedModel;
import dev.lengthwise.Session;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.generate.GenerationOptions;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Answers of a model. The session of the answer before is kept, so that the next turn of a
/// conversation reads its own tokens only; conversations at the same time have sessions of their
/// own.
final class ModelAnswers implements Answers {

  private final PositionedModel model;
  private final ContextPolicy policy;
  private final AtomicReference<@Nullable Kept> idle = new AtomicReference<>();
  private volatile boolean closed;

  /// The session of an answer.
  ///
  /// @param method as its request named it; empty: that of the model
  private record Kept(Optional<String> method, Session session) {}

  ModelAnswers(PositionedModel model, ContextPolicy policy) {
    this.model = model;
    this.policy = policy;
  }

  @Override
  public String modelName() {
    return model.model().name();
  }

  @Override
  public ChatReply answer(
      Conversation conversation,
      Optional<String> method,
      GenerationOptions options,
      Consumer<String> sink,
      BooleanSupplier cancelled) {
    if (closed) {
      throw new IllegalStateException("the chat model is closed");
    }
    Session session = session(method);
    try {
      ChatReply reply = session.chat(conversation, options, sink, cancelled);
      keep(new Kept(method, session));
      return reply;
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  // A method is compared as it was asked for: the name of what a model declares is no text that
  // could be read again.
  private Session session(Optional<String> method) {
    @Nullable Kept kept = idle.getAndSet(null);
    if (kept != null && kept.method().equals(method)) {
      return kept.session();
    }
    if (kept == null || method.isEmpty()) {
      close(kept);
      return method.map(model::with).orElse(model).session(policy);
    }
    try {
      kept.session().changeMethod(method.get());
      return kept.session();
    } catch (RuntimeException | Error e) {
      close(kept);
      throw e;
    }
  }

  private void keep(Kept kept) {
    close(idle.getAndSet(kept));
    if (closed) { // in the meantime
      close(idle.getAndSet(null));
    }
  }

  private static void close(@Nullable Kept kept) {
    if (kept != null) {
      kept.session().close();
    }
  }

  @Override
  public void close() {
    closed = true;
    close(idle.getAndSet(null));
  }
}
