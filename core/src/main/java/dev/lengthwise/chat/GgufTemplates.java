package dev.lengthwise.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.gguf.GgufFile;
import dev.lengthwise.io.FileReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// The chat templates inside a GGUF file: `tokenizer.chat_template`, and others by name after a
/// point.
final class GgufTemplates {

  private static final String KEY = "tokenizer.chat_template";
  private static final String TOKENS = "tokenizer.ggml.tokens";

  /// Variables of templates with the keys of the ids of their tokens.
  private static final Map<String, String> IDS =
      Map.of(
          "bos_token", "tokenizer.ggml.bos_token_id",
          "eos_token", "tokenizer.ggml.eos_token_id",
          "unk_token", "tokenizer.ggml.unknown_token_id",
          "sep_token", "tokenizer.ggml.seperator_token_id",
          "pad_token", "tokenizer.ggml.padding_token_id",
          "cls_token", "tokenizer.ggml.cls_token_id",
          "mask_token", "tokenizer.ggml.mask_token_id");

  private GgufTemplates() {}

  /// Whether a file has the name of a GGUF file.
  static boolean mayBe(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".gguf");
  }

  /// Whether a folder holds such a file.
  static boolean areIn(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(GgufTemplates::mayBe);
    } catch (IOException e) {
      throw new LengthwiseException(
          "Folder %s cannot be read: %s".formatted(folder, FileReason.of(e)), e);
    }
  }

  /// The templates of a file, none where it has none, and its special tokens.
  static ChatTemplates read(GgufFile file) {
    ObjectNode header = file.header();
    Map<String, String> sources = new LinkedHashMap<>();
    header
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().isTextual() && entry.getKey().equals(KEY)) {
                sources.put(ChatTemplates.DEFAULT, entry.getValue().textValue());
              } else if (entry.getValue().isTextual() && entry.getKey().startsWith(KEY + ".")) {
                sources.put(
                    entry.getKey().substring(KEY.length() + 1), entry.getValue().textValue());
              }
            });
    return new ChatTemplates(file.path().toString(), sources, tokens(file, header));
  }

  private static SpecialTokenNames tokens(GgufFile file, ObjectNode header) {
    List<String> tokens = file.has(TOKENS) ? file.strings(TOKENS) : List.of();
    Map<String, String> named = new LinkedHashMap<>();
    IDS.forEach(
        (name, key) -> {
          int id = header.path(key).asInt(-1);
          if (id >= 0 && id < tokens.size()) {
            named.put(name, tokens.get(id));
          }
        });
    return new SpecialTokenNames(named, List.of());
  }
}
