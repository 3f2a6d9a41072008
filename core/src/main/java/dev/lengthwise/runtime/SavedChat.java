package dev.lengthwise.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.chat.Conversation.Message;
import dev.lengthwise.chat.template.Rendering;
import dev.lengthwise.chat.template.Rendering.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The conversation that a saved text stands for.
///
/// @param messages empty where the text is none, or where a program keeps them itself
/// @param known how the text came about, so that an answer stays as the tokens that were generated
public record SavedChat(List<Message> messages, Optional<ChatText.Known> known) {

  /// No conversation.
  public static final SavedChat NONE = new SavedChat(List.of(), Optional.empty());

  /// Copies the list.
  public SavedChat {
    messages = List.copyOf(messages);
  }

  void writeTo(ObjectNode root) {
    for (Message message : messages) {
      root.withArray("messages")
          .addObject()
          .put("role", message.role())
          .put("content", message.content());
    }
    known.ifPresent(
        last -> {
          ObjectNode node = root.putObject("known");
          node.put("rendering", last.rendering().text());
          ArrayNode places = node.putArray("outside");
          last.rendering().outside().forEach(run -> places.add(run.begin()).add(run.end()));
          node.put("answer", last.answer()).put("length", last.length());
        });
  }

  static SavedChat of(Path file, JsonNode root) {
    List<Message> messages = new ArrayList<>();
    for (JsonNode message : root.path("messages")) {
      messages.add(
          new Message(
              SavedText.text(file, message, "role"), SavedText.text(file, message, "content")));
    }
    return new SavedChat(messages, known(file, root.path("known")));
  }

  private static Optional<ChatText.Known> known(Path file, JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    int[] places = SavedText.numbers(file, node.path("outside"), "place");
    List<Run> outside = new ArrayList<>();
    for (int at = 0; at + 1 < places.length; at += 2) {
      outside.add(new Run(places[at], places[at + 1]));
    }
    Rendering rendering = new Rendering(SavedText.text(file, node, "rendering"), outside);
    return Optional.of(
        new ChatText.Known(
            rendering, SavedText.text(file, node, "answer"), node.path("length").asInt()));
  }
}
