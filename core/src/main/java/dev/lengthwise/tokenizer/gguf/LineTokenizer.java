package dev.lengthwise.tokenizer.gguf;

import dev.lengthwise.tokenizer.IntList;
import dev.lengthwise.tokenizer.Vocabulary;
import dev.lengthwise.tokenizer.VocabularyTokenizer;
import dev.lengthwise.tokenizer.json.NativeTokenizer;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A tokenizer whose runs of line breaks stay whole where they are tokens, whatever its merges say.
/// llama.cpp has this rule for Gemma 4, whose merges hold no line break.
final class LineTokenizer extends VocabularyTokenizer {

  private static final Pattern RUN = Pattern.compile("\n+");

  private final Map<String, Integer> runs;
  private final NativeTokenizer library;

  /// @param runs ids of tokens of nothing but line breaks
  /// @param library cuts everything else
  LineTokenizer(Vocabulary vocabulary, Map<String, Integer> runs, NativeTokenizer library) {
    super(vocabulary);
    this.runs = Map.copyOf(runs);
    this.library = library;
  }

  @Override
  public int[] encode(String text) {
    IntList ids = new IntList();
    Matcher run = RUN.matcher(text);
    int done = 0;
    while (run.find()) {
      Integer whole = runs.get(run.group());
      if (whole != null) {
        ids.addAll(library.encode(text.substring(done, run.start())));
        ids.add(whole);
        done = run.end();
      }
    }
    ids.addAll(library.encode(text.substring(done)));
    return ids.toArray();
  }
}
