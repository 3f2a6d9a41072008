package dev.lengthwise.langchain4j;

import dev.lengthwise.ChatReply;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.generate.GenerationOptions;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// What answers conversations: a model, or in tests a script.
interface Answers extends AutoCloseable {

  /// The name of the model.
  String modelName();

  /// Answers a conversation.
  ///
  /// @param method position method; empty: the usual one
  /// @param sink gets each piece of the answer
  /// @param cancelled ends it
  ChatReply answer(
      Conversation conversation,
      Optional<String> method,
      GenerationOptions options,
      Consumer<String> sink,
      BooleanSupplier cancelled);

  @Override
  void close();
}
