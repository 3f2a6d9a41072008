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
  private final AtomicReference<@Nullable Session> idle = new AtomicReference<>();

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
    Session session = session(method.orElse(model.method()));
    try {
      ChatReply reply = session.chat(conversation, options, sink, cancelled);
      keep(session);
      return reply;
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  private Session session(String method) {
    @Nullable Session kept = idle.getAndSet(null);
    if (kept == null) {
      return model.with(method).session(policy);
    }
    try {
      if (!kept.method().equals(method)) {
        kept.changeMethod(method);
      }
      return kept;
    } catch (RuntimeException | Error e) {
      kept.close();
      throw e;
    }
  }

  private void keep(Session session) {
    @Nullable Session before = idle.getAndSet(session);
    if (before != null) {
      before.close();
    }
  }

  @Override
  public void close() {
    @Nullable Session kept = idle.getAndSet(null);
    if (kept != null) {
      kept.close();
    }
  }
}
