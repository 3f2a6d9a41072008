package dev.lengthwise.chat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// The special tokens that a chat template knows by variables.
///
/// @param named `bos_token`, `eos_token` … with the texts of the tokens
/// @param additional further special tokens
public record SpecialTokenNames(Map<String, String> named, List<String> additional) {

  /// No special tokens.
  public static final SpecialTokenNames NONE = new SpecialTokenNames(Map.of(), List.of());

  private static final List<String> KEYS =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  /// Copies map and list.
  public SpecialTokenNames {
    named = Map.copyOf(named);
    additional = List.copyOf(additional);
  }

  /// Those of a `tokenizer_config.json` or a `special_tokens_map.json`. A token is a text, or an
  /// object with `content`; those that a model added under names of its own are in
  /// `extra_special_tokens`.
  public static SpecialTokenNames of(JsonNode config) {
    Map<String, String> named = new LinkedHashMap<>();
    KEYS.forEach(key -> put(named, key, config.path(key)));
    JsonNode extra = config.path("extra_special_tokens");
    if (extra.isObject()) {
      extra.properties().forEach(entry -> put(named, entry.getKey(), entry.getValue()));
    }
    List<String> additional = new ArrayList<>();
    for (JsonNode list : List.of(config.path("additional_special_tokens"), extra)) {
      if (list.isArray()) {
        list.forEach(token -> additional.add(content(token)));
      }
    }
    additional.removeIf(String::isEmpty);
    return new SpecialTokenNames(named, additional);
  }

  /// Those that a tokenizer has by itself: begin and end of text.
  public static SpecialTokenNames of(Tokenizer tokenizer) {
    Map<String, String> named = new LinkedHashMap<>();
    put(named, "bos_token", tokenizer.beginOfText(), tokenizer);
    put(named, "eos_token", tokenizer.endOfText(), tokenizer);
    return new SpecialTokenNames(named, List.of());
  }

  private static void put(
      Map<String, String> named, String key, OptionalInt id, Tokenizer tokenizer) {
    tokenizer.controlTokens().entrySet().stream()
        .filter(token -> id.isPresent() && token.getValue() == id.getAsInt())
        .findFirst()
        .ifPresent(token -> named.put(key, token.getKey()));
  }

  private static void put(Map<String, String> named, String key, JsonNode token) {
    String content = content(token);
    if (!content.isEmpty()) {
      named.put(key, content);
    }
  }

  private static String content(JsonNode token) {
    return token.isTextual() ? token.textValue() : token.path("content").asText("");
  }

  /// These, and those of `others` under names that these have not.
  public SpecialTokenNames or(SpecialTokenNames others) {
    Map<String, String> all = new LinkedHashMap<>(others.named);
    all.putAll(named);
    return new SpecialTokenNames(all, additional.isEmpty() ? others.additional : additional);
  }
}
