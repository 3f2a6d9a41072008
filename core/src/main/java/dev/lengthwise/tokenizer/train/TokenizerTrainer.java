package dev.lengthwise.tokenizer.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.PreTokenizers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Learns a byte-level BPE vocabulary (Sennrich et al. 2016, on bytes as Radford et al. 2019) from
/// texts: the same texts always give the same vocabulary.
///
/// Texts are cut into words by one of [#PRE_TOKENIZERS]; the words' bytes are the first symbols;
/// then, again and again, the pair of neighbours that occurs most often becomes a new symbol (of
/// several equally frequent pairs the one with the smallest symbols). Any text can be written in
/// the result, because all 256 bytes are tokens.
public final class TokenizerTrainer {

  /// The default among [#PRE_TOKENIZERS]: digits stand alone, so that a number always has the same
  /// tokens, wherever it is.
  public static final String DEFAULT_PRE = "qwen2";

  /// Rules that cut texts into words, by the names that GGUF files and llama.cpp have for them, so
  /// that what is trained here can be written whole to GGUF. `llama-bpe` takes up to three digits
  /// as one word, `gpt-2` all of them.
  public static final List<String> PRE_TOKENIZERS = List.of(DEFAULT_PRE, "llama-bpe", "gpt-2");

  private final String pre;
  private final Pattern word;
  private final Map<String, Counter> counts = new HashMap<>();

  /// A trainer that cuts texts by [#DEFAULT_PRE].
  public TokenizerTrainer() {
    this(DEFAULT_PRE);
  }

  /// A trainer that cuts texts by a rule.
  ///
  /// @param pre one of [#PRE_TOKENIZERS]; any other is a [LengthwiseException]
  public TokenizerTrainer(String pre) {
    this.pre = pre;
    this.word = word(pre);
  }

  /// One word of a text. The pattern means the same to `java.util.regex` (with Unicode classes) and
  /// to the regular expressions of Hugging Face's library, which cuts the texts once the vocabulary
  /// is in use.
  static Pattern word(String pre) {
    if (!PRE_TOKENIZERS.contains(pre)) {
      throw new LengthwiseException(
          "texts cannot be cut into words by \"%s\"; take one of %s"
              .formatted(pre, String.join(", ", PRE_TOKENIZERS)));
    }
    String pattern = PreTokenizers.named(pre).orElseThrow().patterns().getFirst();
    return Pattern.compile(pattern, Pattern.UNICODE_CHARACTER_CLASS);
  }

  /// Reads a text. Only the number of times of each different word is kept.
  public void add(String text) {
    Matcher words = word.matcher(text);
    while (words.find()) {
      counts.computeIfAbsent(words.group(), word -> new Counter()).value++;
    }
  }

  /// Learns a vocabulary from the texts so far.
  ///
  /// Ids: first the special tokens in their order, then the 256 bytes, then the merges. The first
  /// special token begins a text, the second ends it.
  ///
  /// @param vocabularySize the number of ids wanted; fewer come when no pair occurs twice any more
  /// @param specialTokens control tokens, for example `<|begin|>` and `<|end|>`
  public TrainedTokenizer train(int vocabularySize, List<String> specialTokens) {
    int smallest = TrainedTokenizer.BYTES + specialTokens.size();
    if (vocabularySize < smallest) {
      throw new LengthwiseException(
          "a vocabulary of "
              + vocabularySize
              + " tokens is too small: expected at least "
              + smallest
              + ", which is 256 bytes and "
              + specialTokens.size()
              + " special tokens");
    }
    Map<String, Long> sorted = new TreeMap<>();
    counts.forEach((word, count) -> sorted.put(word, count.value));
    return TrainedTokenizer.ofBytes(
        pre, specialTokens, new PairMerger(sorted).run(vocabularySize - smallest));
  }

  private static final class Counter {
    private long value;
  }
}
