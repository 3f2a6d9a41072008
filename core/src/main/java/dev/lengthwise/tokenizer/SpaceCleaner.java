package dev.lengthwise.tokenizer;

import java.util.List;
import java.util.stream.Stream;

/// Takes away the spaces before punctuation and English contractions, as Hugging Face's library
/// does where `clean_up_tokenization_spaces` holds (`clean_up_tokenization`).
///
/// The library replaces one thing after the other in all of the text. Here text comes in parts,
/// and each replacement passes on what no later part can change for it: some characters at most
/// wait, whatever the text.
final class SpaceCleaner {

  /// What is replaced, by itself without the first space. The lone apostrophe also loses the space
  /// behind it.
  private static final String[] CLEANED = {
    " .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're"
  };

  private final List<Replacement> replacements = Stream.of(CLEANED).map(Replacement::new).toList();

  /// The text that is settled now that `part` follows.
  String next(String part) {
    String text = part;
    for (Replacement replacement : replacements) {
      text = replacement.next(text);
    }
    return text;
  }

  /// What was held back; a new text begins.
  String flush() {
    String text = "";
    for (Replacement replacement : replacements) {
      text = replacement.next(text) + replacement.flush();
    }
    return text;
  }

  /// One replacement in a text that comes in parts.
  private static final class Replacement {

    private final String pattern;
    private final String stripped;
    private String held = ""; // the begin of the pattern, perhaps

    Replacement(String pattern) {
      this.pattern = pattern;
      this.stripped = pattern.strip();
    }

    String next(String part) {
      String text = held + part;
      StringBuilder passed = new StringBuilder();
      int done = 0;
      for (int at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, done)) {
        passed.append(text, done, at).append(stripped);
        done = at + pattern.length();
      }
      int end = text.length() - begun(text, done);
      held = text.substring(end);
      return passed.append(text, done, end).toString();
    }

    // How much of the pattern the end of a text may be the begin of.
    private int begun(String text, int from) {
      int most = Math.min(pattern.length() - 1, text.length() - from);
      while (!text.endsWith(pattern.substring(0, most))) {
        most--;
      }
      return most;
    }

    String flush() {
      String tail = held;
      held = "";
      return tail;
    }
  }
}
