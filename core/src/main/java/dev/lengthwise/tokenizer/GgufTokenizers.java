package dev.lengthwise.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// Builds tokenizers from the vocabularies of GGUF files: `llama` ones are SentencePiece BPE,
/// `gpt2` ones are byte-level BPE, which Hugging Face's library runs from a `tokenizer.json` made
/// in memory.
final class GgufTokenizers {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final String CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d";
  private static final String GPT2 =
      CONTRACTIONS + "| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  private static final String PUNCTUATION = "[\\p{P}\\$\\+<=>\\^~\\|`]+";

  /// The words of `tokenizer.ggml.pre`: patterns that cut the text one after the other.
  private static final Map<String, List<String>> WORDS =
      new TreeMap<>(
          Map.of(
              "gpt-2", List.of(GPT2),
              "mpt", List.of(GPT2),
              "falcon", List.of(PUNCTUATION, GPT2, "[0-9][0-9][0-9]"),
              "default", List.of(PUNCTUATION.replace("`", ""), GPT2, "\\p{N}+", "[0-9][0-9][0-9]"),
              "llama-bpe", List.of(modern("\\p{N}{1,3}")),
              "qwen2", List.of(modern("\\p{N}"))));

  private GgufTokenizers() {}

  /// The name under `tokenizer.ggml.pre` of texts that are cut by these patterns, if it has one.
  static Optional<String> nameOf(List<String> patterns) {
    return WORDS.entrySet().stream()
        .filter(words -> words.getValue().equals(patterns))
        .map(Map.Entry::getKey)
        .min(Comparator.comparing((String name) -> !name.equals("gpt-2")));
  }

  /// The pattern of words that GPT-2 has, which a byte-level step without another one implies.
  static String gpt2Words() {
    return GPT2;
  }

  private static String modern(String numbers) {
    return "(?i:"
        + CONTRACTIONS
        + ")|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
        + numbers
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  static Tokenizer open(GgufVocabulary gguf) {
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
        vocabulary(gguf, table.bytes(""), gguf.addSpacePrefix()),
        table,
        SentencePieceNormalizer.plain(gguf.addSpacePrefix()),
        MergeSegmenter.byScore(table));
  }

  private static Tokenizer byteLevel(GgufVocabulary gguf) {
    List<String> words = WORDS.get(gguf.pre().isEmpty() ? "default" : gguf.pre());
    if (words == null) {
      throw damaged(
          "tokenizer.ggml.pre", "one of " + String.join(", ", WORDS.keySet()), gguf.pre());
    }
    List<byte[]> bytes = new ArrayList<>(gguf.tokens().length);
    ObjectNode root = MAPPER.createObjectNode().put("version", "1.0");
    ArrayNode added = root.putArray("added_tokens");
    ArrayNode steps =
        root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
    for (String pattern : words) {
      ObjectNode split = steps.addObject().put("type", "Split");
      split.putObject("pattern").put("Regex", pattern);
      split.put("behavior", "Isolated").put("invert", false);
    }
    byteLevel(steps.addObject());
    byteLevel(root.putObject("decoder"));
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.put("ignore_merges", gguf.pre().equals("llama-bpe"));
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < gguf.tokens().length; id++) {
      String token = gguf.tokens()[id];
      Pieces.Kind kind = Pieces.Kind.of(gguf.type(id));
      if (kind == Pieces.Kind.CONTROL || kind == Pieces.Kind.UNKNOWN) {
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
        vocabulary(gguf, bytes, false), NativeTokenizer.of(root.toString(), "the GGUF vocabulary"));
  }

  private static void byteLevel(ObjectNode step) {
    step.put("type", "ByteLevel").put("add_prefix_space", false);
    step.put("trim_offsets", false).put("use_regex", false);
  }

  private static Vocabulary vocabulary(GgufVocabulary gguf, List<byte[]> bytes, boolean space) {
    OptionalInt begin = gguf.bos() < 0 ? OptionalInt.empty() : OptionalInt.of(gguf.bos());
    OptionalInt end = gguf.eos() < 0 ? OptionalInt.empty() : OptionalInt.of(gguf.eos());
    String name =
        "GGUF vocabulary " + gguf.model() + (gguf.pre().isEmpty() ? "" : " " + gguf.pre());
    boolean addsBegin = gguf.addBos() && begin.isPresent();
    return new Vocabulary(bytes, begin, end, addsBegin, space, name, gguf.sha256());
  }
}
