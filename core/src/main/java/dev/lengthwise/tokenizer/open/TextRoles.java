package dev.lengthwise.tokenizer.open;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFailure;
import dev.lengthwise.tokenizer.Vocabulary;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Which tokens of a `tokenizer.json` begin and end a text.
///
/// The first source that names a token of the vocabulary decides:
///
/// 1. `bos_token` and `eos_token` of `tokenizer_config.json` in the same folder,
/// 2. the same of `special_tokens_map.json`,
/// 3. a post-processor: the token before and after the text,
/// 4. well-known names in the vocabulary ([#BEGIN_NAMES], [#END_NAMES], in this order).
///
/// Prompts start with the begin of text when `add_bos_token` of `tokenizer_config.json` says so,
/// or, where that is silent, when the post-processor puts it there. Whole texts end with the end of
/// text when the post-processor puts it there: transformers 5 takes no `add_eos_token` beside a
/// `tokenizer.json`.
///
/// @param marks the two tokens
/// @param cleansSpaces `clean_up_tokenization_spaces`; transformers 5 means false where it is
///     absent
record TextRoles(Vocabulary.Marks marks, boolean cleansSpaces) {

  static final List<String> BEGIN_NAMES =
      List.of(
          "<s>",
          "<|begin_of_text|>",
          "<bos>",
          "<|begin|>",
          "<|startoftext|>",
          "[BOS]",
          "<|endoftext|>");
  static final List<String> END_NAMES =
      List.of(
          "</s>", "<|end_of_text|>", "<eos>", "<|endoftext|>", "<|end|>", "[EOS]", "<|im_end|>");

  private static final String CONFIG = "tokenizer_config.json";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// Applies the rules.
  ///
  /// @param root the `tokenizer.json`
  /// @param ids the id of every token
  /// @param file where the `tokenizer.json` lies, and the two side files beside it
  static TextRoles find(JsonNode root, Map<String, Integer> ids, Path file) {
    JsonNode config = sideFile(file.resolveSibling(CONFIG));
    JsonNode map = sideFile(file.resolveSibling("special_tokens_map.json"));
    String templateBegin = templateToken(root.path("post_processor"), true);
    String templateEnd = templateToken(root.path("post_processor"), false);
    OptionalInt begin =
        first(ids, named(config, "bos_token"), named(map, "bos_token"), templateBegin, BEGIN_NAMES);
    OptionalInt end =
        first(ids, named(config, "eos_token"), named(map, "eos_token"), templateEnd, END_NAMES);
    boolean adds = config.path("add_bos_token").asBoolean(!templateBegin.isEmpty());
    Integer last = ids.get(templateEnd);
    boolean ends = last != null && end.isPresent() && end.getAsInt() == last;
    return new TextRoles(
        new Vocabulary.Marks(begin, end, adds && begin.isPresent(), ends),
        config.path("clean_up_tokenization_spaces").asBoolean());
  }

  /// What `tokenizer_config.json` says beside a SentencePiece model.
  static SentencePieceFile.Adds ofModelFile(Path file) {
    JsonNode config = sideFile(file.resolveSibling(CONFIG));
    return new SentencePieceFile.Adds(
        config.path("add_bos_token").asBoolean(true), config.path("add_eos_token").asBoolean());
  }

  private static OptionalInt first(
      Map<String, Integer> ids, String config, String map, String template, List<String> names) {
    for (List<String> source : List.of(List.of(config, map, template), names)) {
      for (String name : source) {
        Integer id = ids.get(name);
        if (id != null) {
          return OptionalInt.of(id);
        }
      }
    }
    return OptionalInt.empty();
  }

  /// The content of a token entry, which is a string or an object with `content`; empty for none.
  private static String named(JsonNode config, String key) {
    JsonNode token = config.path(key);
    return token.isTextual() ? token.asText() : token.path("content").asText("");
  }

  private static String templateToken(JsonNode processor, boolean beforeText) {
    if (processor.path("type").asText().equals("Sequence")) {
      for (JsonNode part : processor.path("processors")) {
        String token = templateToken(part, beforeText);
        if (!token.isEmpty()) {
          return token;
        }
      }
    }
    // The processors of BERT and RoBERTa name both tokens.
    String mark = processor.path(beforeText ? "cls" : "sep").path(0).asText();
    if (!mark.isEmpty()) {
      return mark;
    }
    boolean seenText = false;
    for (JsonNode part : processor.path("single")) {
      if (part.has("Sequence")) {
        seenText = true;
      } else if (seenText != beforeText) {
        return part.path("SpecialToken").path("id").asText();
      }
    }
    return "";
  }

  /// What `tokenizer_config.json` beside a tokenizer says; a missing node where there is none.
  static JsonNode config(Path file) {
    return sideFile(file.resolveSibling(CONFIG));
  }

  /// The name of a token in a configuration, or what is meant where it has none.
  static String named(JsonNode config, String key, String fallback) {
    String name = named(config, key);
    return name.isEmpty() ? fallback : name;
  }

  private static JsonNode sideFile(Path file) {
    if (!Files.isRegularFile(file)) {
      return MissingNode.getInstance();
    }
    try {
      return MAPPER.readTree(Sources.read(file));
    } catch (JsonProcessingException e) {
      throw new LengthwiseException(
          file + " is not valid JSON: " + JsonFailure.reason(e) + "; fetch it again", e);
    } catch (IOException e) {
      throw new LengthwiseException("cannot read " + file + ": " + FileReason.of(e), e);
    }
  }
}
