package dev.lengthwise.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.chat.Conversation.Message;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A text as a file: a JSON object of its tokens, and of the messages that they stand for. What
/// layers remember is not in it: it is larger than the text by orders, and reading the text makes
/// it again.
///
/// @param model name of the model that read it
/// @param tokenizer SHA-256 of the tokenizer whose ids they are
/// @param method position method
/// @param ids all tokens
/// @param messages of a conversation; empty for other texts
public record SavedText(
    String model, String tokenizer, String method, int[] ids, List<Message> messages) {

  private static final String FORMAT = "lengthwise-text";
  private static final int VERSION = 1;

  /// Copies the list.
  public SavedText {
    messages = List.copyOf(messages);
  }

  /// The same with messages.
  public SavedText withMessages(List<Message> all) {
    return new SavedText(model, tokenizer, method, ids, all);
  }

  /// Writes the file whole, or leaves an older one untouched.
  ///
  /// @throws LengthwiseException when it cannot be written
  public void write(Path file) {
    ObjectNode root = JsonObjects.emptyObject();
    root.put("format", FORMAT).put("version", VERSION);
    root.put("model", model).put("tokenizer", tokenizer).put("method", method);
    Arrays.stream(ids).forEach(root.putArray("ids")::add);
    for (Message message : messages) {
      root.withArray("messages")
          .addObject()
          .put("role", message.role())
          .put("content", message.content());
    }
    AtomicFile.writeText(file, writer -> writer.write(root.toString() + "\n"));
  }

  /// Reads a file that [#write] wrote.
  ///
  /// @throws LengthwiseException when it is something else, or damaged
  public static SavedText read(Path file) {
    ObjectNode root = JsonObjects.readStrictObject(file);
    if (!root.path("format").asText().equals(FORMAT) || root.path("version").asInt() != VERSION) {
      throw new LengthwiseException(
          "%s is no saved text: expected \"format\" \"%s\" and \"version\" %d, found %s and %s; name a file that was saved here."
              .formatted(file, FORMAT, VERSION, said(root, "format"), said(root, "version")));
    }
    List<Message> messages = new ArrayList<>();
    for (JsonNode message : root.path("messages")) {
      messages.add(new Message(text(file, message, "role"), text(file, message, "content")));
    }
    return new SavedText(
        text(file, root, "model"),
        text(file, root, "tokenizer"),
        text(file, root, "method"),
        ids(file, root.path("ids")),
        messages);
  }

  private static String said(ObjectNode root, String key) {
    return root.has(key) ? root.get(key).toString() : "nothing";
  }

  private static String text(Path file, JsonNode object, String key) {
    if (!object.path(key).isTextual()) {
      throw new LengthwiseException(
          "The saved text %s is damaged: expected a text as \"%s\", found %s."
              .formatted(file, key, object.path(key)));
    }
    return object.path(key).textValue();
  }

  private static int[] ids(Path file, JsonNode list) {
    int[] ids = new int[list.size()];
    for (int at = 0; at < ids.length; at++) {
      JsonNode id = list.get(at);
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
        throw new LengthwiseException(
            "The saved text %s is damaged: its token %d is %s.".formatted(file, at, id));
      }
      ids[at] = id.intValue();
    }
    return ids;
  }

  /// Complains about a model with another tokenizer, to which the ids would mean other texts.
  public void requireTokenizer(Tokenizer own) {
    if (!own.sha256().equals(tokenizer)) {
      throw new LengthwiseException(
          "The saved text is of the model %s, whose tokenizer is another than %s; open that model"
              .formatted(model, own.name()));
    }
    for (int id : ids) {
      if (id >= own.vocabularySize()) {
        throw new LengthwiseException(
            "The saved text is damaged: token %d is outside the vocabulary of %d tokens"
                .formatted(id, own.vocabularySize()));
      }
    }
  }
}
