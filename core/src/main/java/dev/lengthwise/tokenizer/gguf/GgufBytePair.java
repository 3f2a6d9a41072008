package dev.lengthwise.tokenizer.gguf;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.tokenizer.ByteLevel;
import dev.lengthwise.tokenizer.PreTokenizer;
import dev.lengthwise.tokenizer.PreTokenizer.Spelling;
import dev.lengthwise.tokenizer.PreTokenizers;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.Vocabulary;
import dev.lengthwise.tokenizer.json.JsonTokenizer;
import dev.lengthwise.tokenizer.json.NativeTokenizer;
import dev.lengthwise.tokenizer.sentencepiece.Pieces;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieces;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// BPE by merges, which Hugging Face's library runs from a `tokenizer.json` made in memory.
final class GgufBytePair {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final GgufVocabulary gguf;
  private final PreTokenizer words;

  /// @param pre how texts are cut into words
  GgufBytePair(GgufVocabulary gguf, String pre) {
    this.gguf = gguf;
    this.words =
        PreTokenizers.named(pre)
            .orElseThrow(
                () ->
                    GgufTokenizers.damaged(
                        gguf,
                        "tokenizer.ggml.pre",
                        "one of " + String.join(", ", PreTokenizers.names()),
                        "\"" + pre + "\""));
  }

  /// The tokenizer.
  Tokenizer tokenizer() {
    List<byte[]> bytes = new ArrayList<>(gguf.tokens().length);
    Map<String, Integer> controls = new HashMap<>();
    Map<String, Integer> lines = new HashMap<>();
    ObjectNode root = MAPPER.createObjectNode().put("version", "1.0");
    ArrayNode added = root.putArray("added_tokens");
    putSteps(root);
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.put("ignore_merges", words.ignoresMerges());
    model.put("byte_fallback", words.spelling() != Spelling.BYTES);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < gguf.tokens().length; id++) {
      String token = gguf.tokens()[id];
      Pieces.Kind kind = Pieces.Kind.of(gguf.type(id));
      bytes.add(bytes(token, kind));
      if (kind == Pieces.Kind.CONTROL || kind == Pieces.Kind.UNKNOWN) {
        controls.putIfAbsent(token, id); // not in the library's vocabulary: no text can spell it
        continue;
      }
      vocabulary.put(token, id);
      if (kind == Pieces.Kind.USER_DEFINED) {
        added.add(userDefined(token, id));
      } else if (token.chars().allMatch(character -> character == '\n')) {
        lines.put(token, id);
      }
    }
    ArrayNode merges = model.putArray("merges");
    for (String merge : gguf.merges()) {
      putMerge(merges, merge);
    }
    Vocabulary own = GgufTokenizers.vocabulary(gguf, bytes, controls, false);
    NativeTokenizer library =
        NativeTokenizer.of(root.toString(), "The tokenizer in " + gguf.source().name());
    return words.keepsLineBreaks()
        ? new LineTokenizer(own, lines, library)
        : new JsonTokenizer(own, library);
  }

  private void putSteps(ObjectNode root) {
    if (words.spelling() == Spelling.ESCAPED) {
      ObjectNode escape = root.putObject("normalizer").put("type", "Replace");
      escape.putObject("pattern").put("String", " ");
      escape.put("content", String.valueOf(SentencePieces.SPACE));
    }
    ArrayNode steps =
        root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
    for (String pattern : words.patterns()) {
      ObjectNode split = steps.addObject().put("type", "Split");
      split.putObject("pattern").put("Regex", pattern);
      split.put("behavior", "Isolated").put("invert", false);
    }
    if (words.spelling() == Spelling.BYTES) {
      byteLevel(steps.addObject());
      byteLevel(root.putObject("decoder"));
    }
  }

  private static void byteLevel(ObjectNode step) {
    step.put("type", "ByteLevel").put("add_prefix_space", false);
    step.put("trim_offsets", false).put("use_regex", false);
  }

  private byte[] bytes(String token, Pieces.Kind kind) {
    return switch (kind) {
      case CONTROL, UNKNOWN -> new byte[0];
      case USER_DEFINED -> token.getBytes(StandardCharsets.UTF_8);
      case NORMAL, UNUSED, BYTE ->
          switch (words.spelling()) {
            case BYTES -> ByteLevel.read(token);
            case ESCAPED -> SentencePieces.bytes(token, true);
            case PLAIN -> token.getBytes(StandardCharsets.UTF_8);
          };
    };
  }

  private static ObjectNode userDefined(String token, int id) {
    return MAPPER
        .createObjectNode()
        .put("id", id)
        .put("content", token)
        .put("special", false)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false);
  }

  // The space between the two parts is not the first character: a part may begin with one.
  private void putMerge(ArrayNode merges, String merge) {
    int cut = merge.indexOf(' ', 1);
    if (words.spelling() == Spelling.BYTES || cut < 0) {
      merges.add(merge);
    } else {
      merges.addArray().add(merge.substring(0, cut)).add(merge.substring(cut + 1));
    }
  }
}
