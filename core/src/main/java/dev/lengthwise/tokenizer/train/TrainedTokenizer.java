package dev.lengthwise.tokenizer.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.tokenizer.ByteLevel;
import dev.lengthwise.tokenizer.PreTokenizer;
import dev.lengthwise.tokenizer.PreTokenizers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/// A byte-level vocabulary that [TokenizerTrainer] learned, or one of single characters, ready to
/// be written.
///
/// Symbols are numbered: first the bytes, then what each merge makes. The id of a symbol is its
/// number plus the number of special tokens.
///
/// @param pre the rule that cuts texts into words, by its name in GGUF
/// @param specialTokens control tokens; the first begins a text, the second ends it
/// @param bytes the bytes that are tokens, ascending: all 256 where any text can be written
/// @param merges the merges in the order of learning
public record TrainedTokenizer(
    String pre, List<String> specialTokens, List<Integer> bytes, List<Merge> merges) {

  static final int BYTES = 256;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// Two neighbouring symbols that become one.
  ///
  /// @param left the first symbol
  /// @param right the second symbol
  public record Merge(int left, int right) {

    /// `symbols` with every such pair, from left to right, replaced by `merged`; the same array
    /// when there is none.
    int[] apply(int[] symbols, int merged) {
      int[] result = new int[symbols.length];
      int size = 0;
      for (int i = 0; i < symbols.length; i++) {
        boolean pair = i + 1 < symbols.length && symbols[i] == left && symbols[i + 1] == right;
        result[size++] = pair ? merged : symbols[i];
        if (pair) {
          i++;
        }
      }
      return size == symbols.length ? symbols : Arrays.copyOf(result, size);
    }
  }

  /// Checks that special tokens are distinct and not empty, and that merges only use symbols that
  /// exist before them.
  public TrainedTokenizer {
    specialTokens = List.copyOf(specialTokens);
    bytes = List.copyOf(bytes);
    merges = List.copyOf(merges);
    if (new HashSet<>(specialTokens).size() < specialTokens.size() || specialTokens.contains("")) {
      throw new LengthwiseException(
          "the special tokens "
              + specialTokens
              + " cannot be used: expected names that differ and are not empty");
    }
    for (int i = 0; i < merges.size(); i++) {
      Merge merge = merges.get(i);
      if (Math.min(merge.left, merge.right) < 0
          || Math.max(merge.left, merge.right) >= bytes.size() + i) {
        throw new IllegalArgumentException("merge " + i + " uses a later symbol: " + merge);
      }
    }
  }

  /// A vocabulary of all bytes: every byte is a token.
  public static TrainedTokenizer ofBytes(List<String> specialTokens) {
    return ofBytes(TokenizerTrainer.DEFAULT_PRE, specialTokens, List.of());
  }

  static TrainedTokenizer ofBytes(String pre, List<String> specialTokens, List<Merge> merges) {
    return new TrainedTokenizer(
        pre, specialTokens, IntStream.range(0, BYTES).boxed().toList(), merges);
  }

  /// A vocabulary of single characters; texts with others cannot be written.
  ///
  /// @param characters ASCII characters, in any order
  public static TrainedTokenizer ofCharacters(List<String> specialTokens, String characters) {
    List<Integer> bytes = characters.chars().distinct().sorted().boxed().toList();
    if (bytes.isEmpty() || bytes.getLast() >= BYTES / 2) {
      throw new LengthwiseException(
          "a vocabulary of single characters needs ASCII characters only, found '%s'; take bytes"
              .formatted(bytes.isEmpty() ? "" : Character.toString(bytes.getLast())));
    }
    return new TrainedTokenizer(TokenizerTrainer.DEFAULT_PRE, specialTokens, bytes, List.of());
  }

  /// The number of ids.
  public int vocabularySize() {
    return specialTokens.size() + bytes.size() + merges.size();
  }

  /// Writes a `tokenizer.json` for Hugging Face's library, and `tokenizer_config.json` beside it,
  /// which names the begin and the end of a text. Both are moved into place when complete.
  ///
  /// @param file the `tokenizer.json`; its folder is created when missing
  public void writeTo(Path file) {
    if (Files.isDirectory(file)) {
      throw new LengthwiseException(
          "cannot write the tokenizer " + file + ": it is a folder; name a file in it");
    }
    write(file.resolveSibling("tokenizer_config.json"), config());
    write(file, json());
  }

  private static void write(Path file, ObjectNode content) {
    AtomicFile.writeText(
        file,
        writer ->
            writer.write(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(content)));
  }

  private ObjectNode config() {
    ObjectNode config = MAPPER.createObjectNode();
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    config.put("add_bos_token", !specialTokens.isEmpty());
    if (!specialTokens.isEmpty()) {
      config.put("bos_token", specialTokens.get(0));
    }
    if (specialTokens.size() > 1) {
      config.put("eos_token", specialTokens.get(1));
    }
    return config.put("clean_up_tokenization_spaces", false);
  }

  private ObjectNode json() {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (int id = 0; id < specialTokens.size(); id++) {
      ObjectNode token = added.addObject().put("id", id).put("content", specialTokens.get(id));
      token.put("single_word", false).put("lstrip", false).put("rstrip", false);
      token.put("normalized", false).put("special", true);
    }
    root.putNull("normalizer");
    ObjectNode splits = root.putObject("pre_tokenizer").put("type", "Sequence");
    ArrayNode steps = splits.putArray("pretokenizers");
    for (String pattern : words().patterns()) {
      ObjectNode words = steps.addObject().put("type", "Split");
      words.putObject("pattern").put("Regex", pattern);
      words.put("behavior", "Isolated").put("invert", false);
    }
    byteLevel(steps.addObject());
    if (specialTokens.isEmpty()) {
      root.putNull("post_processor");
    } else {
      beginOfText(root.putObject("post_processor"));
    }
    byteLevel(root.putObject("decoder"));
    model(root.putObject("model"));
    return root;
  }

  private PreTokenizer words() {
    return PreTokenizers.named(pre).orElseThrow();
  }

  private static void byteLevel(ObjectNode step) {
    step.put("type", "ByteLevel").put("add_prefix_space", false);
    step.put("trim_offsets", false).put("use_regex", false);
  }

  private void beginOfText(ObjectNode processor) {
    String begin = specialTokens.get(0);
    processor.put("type", "TemplateProcessing");
    for (String shape : List.of("single", "pair")) {
      ArrayNode parts = processor.putArray(shape);
      parts.addObject().putObject("SpecialToken").put("id", begin).put("type_id", 0);
      parts.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
      if (shape.equals("pair")) {
        parts.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
      }
    }
    ObjectNode token = processor.putObject("special_tokens").putObject(begin).put("id", begin);
    token.putArray("ids").add(0);
    token.putArray("tokens").add(begin);
  }

  private void model(ObjectNode model) {
    model.put("type", "BPE").putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false);
    model.put("ignore_merges", words().ignoresMerges());
    ObjectNode vocabulary = model.putObject("vocab");
    ArrayNode pairs = model.putArray("merges");
    specialTokens.forEach(token -> vocabulary.put(token, vocabulary.size()));
    List<String> symbols = new ArrayList<>(bytes.size() + merges.size());
    for (int value : bytes) {
      symbols.add(String.valueOf(ByteLevel.character(value)));
    }
    for (Merge merge : merges) {
      pairs.add(symbols.get(merge.left) + " " + symbols.get(merge.right));
      symbols.add(symbols.get(merge.left) + symbols.get(merge.right));
    }
    symbols.forEach(symbol -> vocabulary.put(symbol, vocabulary.size()));
  }
}
