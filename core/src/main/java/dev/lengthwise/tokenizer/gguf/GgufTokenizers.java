package dev.lengthwise.tokenizer.gguf;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.ByteLevel;
import dev.lengthwise.tokenizer.PreTokenizer;
import dev.lengthwise.tokenizer.PreTokenizers;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.Vocabulary;
import dev.lengthwise.tokenizer.json.JsonTokenizer;
import dev.lengthwise.tokenizer.json.NativeTokenizer;
import dev.lengthwise.tokenizer.sentencepiece.MergeSegmenter;
import dev.lengthwise.tokenizer.sentencepiece.Pieces;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieceNormalizer;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieceTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Builds tokenizers from the vocabularies of GGUF files: `llama` ones are SentencePiece BPE,
/// `gpt2` ones are byte-level BPE, which Hugging Face's library runs from a `tokenizer.json` made
/// in memory.
public final class GgufTokenizers {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private GgufTokenizers() {}

  /// The tokenizer that a vocabulary describes; throws where none is known.
  public static Tokenizer open(GgufVocabulary gguf) {
    check(gguf);
    return switch (gguf.model()) {
      case "llama" -> sentencePiece(gguf);
      case "gpt2" -> byteLevel(gguf);
      default -> throw damaged("tokenizer.ggml.model", "llama or gpt2", "\"" + gguf.model() + "\"");
    };
  }

  private static void check(GgufVocabulary gguf) {
    int size = gguf.tokens().length;
    if (size == 0) {
      throw damaged("tokenizer.ggml.tokens", "at least one token", "none");
    }
    boolean scored = gguf.model().equals("llama");
    if (gguf.scores().length != size && (scored || gguf.scores().length != 0)) {
      throw damaged("tokenizer.ggml.scores", size + " scores", "" + gguf.scores().length);
    }
    if (gguf.types().length != size && gguf.types().length != 0) {
      throw damaged("tokenizer.ggml.token_type", size + " types", "" + gguf.types().length);
    }
    checkId("tokenizer.ggml.bos_token_id", gguf.bos(), size);
    checkId("tokenizer.ggml.eos_token_id", gguf.eos(), size);
  }

  private static void checkId(String key, int id, int size) {
    if (id < -1 || id >= size) {
      throw damaged(key, "an id from 0 to " + (size - 1), "" + id);
    }
  }

  private static LengthwiseException damaged(String key, String expected, String found) {
    return new LengthwiseException(
        "the GGUF vocabulary cannot be used: expected "
            + expected
            + " under "
            + key
            + ", found "
            + found
            + "; use another file of the model, or its tokenizer.json");
  }

  private static Tokenizer sentencePiece(GgufVocabulary gguf) {
    List<Pieces.Piece> pieces = new ArrayList<>(gguf.tokens().length);
    int unknown = -1;
    for (int id = 0; id < gguf.tokens().length; id++) {
      Pieces.Kind kind = Pieces.Kind.of(gguf.type(id));
      pieces.add(new Pieces.Piece(gguf.tokens()[id], gguf.scores()[id], kind));
      if (kind == Pieces.Kind.UNKNOWN && unknown < 0) {
        unknown = id;
      }
    }
    Pieces table = new Pieces(pieces, unknown);
    return new SentencePieceTokenizer(
        vocabulary(gguf, table.bytes(""), table.controls(), gguf.addSpacePrefix()),
        table,
        SentencePieceNormalizer.plain(gguf.addSpacePrefix()),
        MergeSegmenter.byScore(table));
  }

  private static Tokenizer byteLevel(GgufVocabulary gguf) {
    PreTokenizer words =
        PreTokenizers.named(gguf.pre())
            .orElseThrow(
                () ->
                    damaged(
                        "tokenizer.ggml.pre",
                        "one of " + String.join(", ", PreTokenizers.names()),
                        "\"" + gguf.pre() + "\""));
    List<byte[]> bytes = new ArrayList<>(gguf.tokens().length);
    Map<String, Integer> controls = new HashMap<>();
    ObjectNode root = MAPPER.createObjectNode().put("version", "1.0");
    ArrayNode added = root.putArray("added_tokens");
    ArrayNode steps =
        root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
    for (String pattern : words.patterns()) {
      ObjectNode split = steps.addObject().put("type", "Split");
      split.putObject("pattern").put("Regex", pattern);
      split.put("behavior", "Isolated").put("invert", false);
    }
    byteLevel(steps.addObject());
    byteLevel(root.putObject("decoder"));
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.put("ignore_merges", words.ignoresMerges());
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < gguf.tokens().length; id++) {
      String token = gguf.tokens()[id];
      Pieces.Kind kind = Pieces.Kind.of(gguf.type(id));
      if (kind == Pieces.Kind.CONTROL || kind == Pieces.Kind.UNKNOWN) {
        controls.putIfAbsent(token, id);
        bytes.add(new byte[0]); // not in the library's vocabulary: no text can spell it
        continue;
      }
      vocabulary.put(token, id);
      if (kind == Pieces.Kind.USER_DEFINED) {
        added
            .addObject()
            .put("id", id)
            .put("content", token)
            .put("special", false)
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false);
        bytes.add(token.getBytes(StandardCharsets.UTF_8));
      } else {
        bytes.add(ByteLevel.read(token));
      }
    }
    ArrayNode merges = model.putArray("merges");
    for (String merge : gguf.merges()) {
      merges.add(merge);
    }
    return new JsonTokenizer(
        vocabulary(gguf, bytes, controls, false),
        NativeTokenizer.of(root.toString(), "the GGUF vocabulary"));
  }

  private static void byteLevel(ObjectNode step) {
    step.put("type", "ByteLevel").put("add_prefix_space", false);
    step.put("trim_offsets", false).put("use_regex", false);
  }

  private static Vocabulary vocabulary(
      GgufVocabulary gguf, List<byte[]> bytes, Map<String, Integer> controls, boolean space) {
    OptionalInt begin = gguf.bos() < 0 ? OptionalInt.empty() : OptionalInt.of(gguf.bos());
    OptionalInt end = gguf.eos() < 0 ? OptionalInt.empty() : OptionalInt.of(gguf.eos());
    String name =
        "GGUF vocabulary " + gguf.model() + (gguf.pre().isEmpty() ? "" : " " + gguf.pre());
    boolean addsBegin = gguf.addBos() && begin.isPresent();
    return new Vocabulary(bytes, controls, begin, end, addsBegin, space, name, gguf.sha256());
  }
}
