package dev.lengthwise.tokenizer.gguf;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// BPE by merges, which Hugging Face's library runs from a `tokenizer.json` made in memory.
final class GgufBytePair {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final GgufVocabulary gguf;
  private final PreTokenizer words;
  private final ObjectNode root = MAPPER.createObjectNode().put("version", "1.0");
  private final ArrayNode added = root.putArray("added_tokens");
  private final List<byte[]> bytes = new ArrayList<>();
  private final Map<String, Integer> controls = new LinkedHashMap<>();
  private final Map<String, Integer> lineBreaks = new HashMap<>();

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
    putSteps();
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.put("ignore_merges", words.ignoresMerges());
    model.put("byte_fallback", words.spelling() != Spelling.BYTES);
    putTokens(model.putObject("vocab"));
    ArrayNode merges = model.putArray("merges");
    for (String merge : gguf.merges()) {
      putMerge(merges, merge);
    }
  }

  /// The tokenizer. Its library does not know the control tokens: no text can spell them.
  Tokenizer tokenizer() {
    Vocabulary own = GgufTokenizers.vocabulary(gguf, bytes, controls, false);
    NativeTokenizer library = NativeTokenizer.of(root, "The tokenizer in " + gguf.source().name());
    return words.keepsLineBreaks()
        ? new LineTokenizer(own, lineBreaks, library)
        : new JsonTokenizer(own, library);
  }

  /// The `tokenizer.json` of the same tokenizer.
  ///
  /// @throws LengthwiseException for one that is not spelled in bytes
  ObjectNode json() {
    if (words.spelling() != Spelling.BYTES) {
      throw new LengthwiseException(
          "The tokenizer in %s cuts texts as \"%s\", which this program cannot write as tokenizer.json; take the tokenizer.json of the model."
              .formatted(gguf.source().name(), words.names().getFirst()));
    }
    ObjectNode file = root.deepCopy();
    ArrayNode all = file.withArray("added_tokens");
    controls.forEach((name, id) -> all.add(addedToken(name, id).put("special", true)));
    GgufVocabulary.Marks marks = gguf.marks();
    if (marks.addsBegin() || marks.addsEnd()) {
      ObjectNode marking = file.putObject("post_processor").put("type", "TemplateProcessing");
      ArrayNode single = marking.putArray("single");
      ArrayNode pair = marking.putArray("pair");
      ObjectNode special = marking.putObject("special_tokens");
      putMark(marks.addsBegin(), marks.begin(), single, special);
      single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
      putMark(marks.addsEnd(), marks.end(), single, special);
      pair.addAll(single.deepCopy());
      pair.addObject().putObject("Sequence").put("id", "B").put("type_id", 0);
    }
    return file;
  }

  private void putMark(boolean adds, int id, ArrayNode template, ObjectNode special) {
    if (adds && id >= 0) {
      String name = gguf.tokens()[id];
      template.addObject().putObject("SpecialToken").put("id", name).put("type_id", 0);
      ObjectNode token = special.putObject(name).put("id", name);
      token.putArray("ids").add(id);
      token.putArray("tokens").add(name);
    }
  }

  private void putSteps() {
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

  private void putTokens(ObjectNode vocabulary) {
    for (int id = 0; id < gguf.tokens().length; id++) {
      String token = gguf.tokens()[id];
      Pieces.Kind kind = Pieces.Kind.of(gguf.type(id));
      bytes.add(bytes(token, kind));
      if (kind == Pieces.Kind.CONTROL || kind == Pieces.Kind.UNKNOWN) {
        controls.putIfAbsent(token, id);
        continue;
      }
      vocabulary.put(token, id);
      if (kind == Pieces.Kind.USER_DEFINED) {
        added.add(addedToken(token, id));
      } else if (token.chars().allMatch(character -> character == '\n')) {
        lineBreaks.put(token, id);
      }
    }
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

  private static ObjectNode addedToken(String token, int id) {
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
