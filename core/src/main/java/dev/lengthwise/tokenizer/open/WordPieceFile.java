package dev.lengthwise.tokenizer.open;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.json.WordPieceJson;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A `vocab.txt`: the pieces of a WordPiece vocabulary, one a line.
final class WordPieceFile {

  /// Its name in a folder.
  static final String NAME = "vocab.txt";

  private static final String CLASS = "tokenizer_class";

  private WordPieceFile() {}

  /// Whether a file holds such a vocabulary.
  static boolean matches(byte[] content, Path file) {
    return file.toString().endsWith(".txt") && pieces(content).contains("[UNK]");
  }

  private static List<String> pieces(byte[] content) {
    return new String(content, StandardCharsets.UTF_8).lines().toList();
  }

  /// The same as a `tokenizer.json`, with what `tokenizer_config.json` beside it says.
  ///
  /// @throws LengthwiseException where the tokenizer cuts words in another way, or lacks a piece
  static ObjectNode json(byte[] content, Path file) {
    JsonNode config = TextRoles.config(file);
    String name = config.path(CLASS).asText();
    if (name.startsWith("RoFormer") || name.startsWith("BertJapanese")) {
      throw new LengthwiseException(
          "%s cuts words by a dictionary (%s is %s), which this program does not have; take a tokenizer.json, or a model of characters."
              .formatted(file, CLASS, name));
    }
    boolean lower = config.path("do_lower_case").asBoolean(true);
    WordPieceJson rules =
        new WordPieceJson(
            lower,
            config.path("strip_accents").asBoolean(lower),
            config.path("tokenize_chinese_chars").asBoolean(true),
            TextRoles.named(config, "cls_token", "[CLS]"),
            TextRoles.named(config, "sep_token", "[SEP]"),
            TextRoles.named(config, "unk_token", "[UNK]"));
    List<String> pieces = pieces(content);
    Set<String> distinct = new HashSet<>(pieces);
    for (String needed : List.of(rules.begin(), rules.end(), rules.unknown())) {
      if (!distinct.contains(needed)) {
        throw new LengthwiseException(
            "%s has no piece %s, which every WordPiece vocabulary of an encoder has; fetch it again."
                .formatted(file, needed));
      }
    }
    return rules.of(
        pieces,
        List.of(
            rules.begin(),
            rules.end(),
            rules.unknown(),
            TextRoles.named(config, "pad_token", "[PAD]"),
            TextRoles.named(config, "mask_token", "[MASK]")));
  }
}
