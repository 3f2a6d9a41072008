package dev.lengthwise.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.chat.Conversation.Message;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.tokenizer.IdTokenizer;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A text as a file: a JSON object of its tokens, and of the conversation that they stand for. What
/// layers remember is not in it: it is larger than the text by orders, and reading the text makes
/// it again. [StateFile] has both.
///
/// @param model name of the model that read it
/// @param tokenizer whose ids they are, as [#markOf] has it
/// @param method position method
/// @param begun the date that chat templates have seen, where that is known
/// @param ids all tokens
/// @param chat what they stand for
public record SavedText(
    String model,
    String tokenizer,
    String method,
    Optional<ZonedDateTime> begun,
    int[] ids,
    SavedChat chat) {

  private static final String FORMAT = "lengthwise-text";
  private static final int VERSION = 1;

  /// SHA-256 of a tokenizer; `ids` where a model has none.
  public static String markOf(Tokenizer tokenizer) {
    return tokenizer instanceof IdTokenizer ? "ids" : tokenizer.sha256();
  }

  /// The same with messages.
  public SavedText withMessages(List<Message> all) {
    return new SavedText(model, tokenizer, method, begun, ids, new SavedChat(all, chat.known()));
  }

  /// Writes the file whole, or leaves an older one untouched.
  ///
  /// @throws LengthwiseException when it cannot be written
  public void write(Path file) {
    ObjectNode root = JsonObjects.emptyObject();
    root.put("format", FORMAT).put("version", VERSION);
    root.setAll(withoutIds());
    Arrays.stream(ids).forEach(root.putArray("ids")::add);
    AtomicFile.writeText(file, writer -> writer.write(root.toString() + "\n"));
  }

  /// All but the ids.
  ObjectNode withoutIds() {
    ObjectNode root = JsonObjects.emptyObject();
    root.put("model", model).put("tokenizer", tokenizer).put("method", method);
    begun.ifPresent(date -> root.put("begun", date.toString()));
    chat.writeTo(root);
    return root;
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
    return of(file, root, numbers(file, root.path("ids"), "token"));
  }

  /// What [#withoutIds] wrote, with its ids.
  static SavedText of(Path file, JsonNode root, int[] ids) {
    return new SavedText(
        text(file, root, "model"),
        text(file, root, "tokenizer"),
        text(file, root, "method"),
        root.has("begun") ? Optional.of(date(file, text(file, root, "begun"))) : Optional.empty(),
        ids,
        SavedChat.of(file, root));
  }

  private static ZonedDateTime date(Path file, String text) {
    try {
      return ZonedDateTime.parse(text);
    } catch (DateTimeException e) {
      throw new LengthwiseException(
          "The saved text %s is damaged: expected a date as \"begun\", found %s."
              .formatted(file, text),
          e);
    }
  }

  private static String said(ObjectNode root, String key) {
    return root.has(key) ? root.get(key).toString() : "nothing";
  }

  static String text(Path file, JsonNode object, String key) {
    if (!object.path(key).isTextual()) {
      throw new LengthwiseException(
          "The saved text %s is damaged: expected a text as \"%s\", found %s."
              .formatted(file, key, object.path(key)));
    }
    return object.path(key).textValue();
  }

  static int[] numbers(Path file, JsonNode list, String what) {
    int[] numbers = new int[list.size()];
    for (int at = 0; at < numbers.length; at++) {
      JsonNode number = list.get(at);
      if (!number.isIntegralNumber() || !number.canConvertToInt() || number.intValue() < 0) {
        throw new LengthwiseException(
            "The saved text %s is damaged: its %s %d is %s.".formatted(file, what, at, number));
      }
      numbers[at] = number.intValue();
    }
    return numbers;
  }

  /// Complains about a model with another tokenizer, to which the ids would mean other texts.
  ///
  /// @param file what it was read from
  public void requireTokenizer(Path file, Tokenizer own) {
    if (!markOf(own).equals(tokenizer)) {
      throw new LengthwiseException(
          "The saved text %s is of the model %s, whose tokenizer is another than %s; open that model"
              .formatted(file, model, own.name()));
    }
    for (int id : ids) {
      if (id >= own.vocabularySize()) {
        throw new LengthwiseException(
            "The saved text %s is damaged: token %d is outside the vocabulary of %d tokens."
                .formatted(file, id, own.vocabularySize()));
      }
    }
  }
}
