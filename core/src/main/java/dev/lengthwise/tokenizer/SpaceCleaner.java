package dev.lengthwise.tokenizer;

import java.util.stream.Stream;

/// Takes away the spaces before punctuation and English contractions, as Hugging Face's library
/// does where `clean_up_tokenization_spaces` holds (`clean_up_tokenization`).
///
/// Text comes in parts and goes out as soon as nothing that follows can change it. What is taken
/// away starts at a space and has at most four characters. So a place behind three characters
/// without a space is never inside it, nor one within many spaces, nor one behind the begin of a
/// word that no contraction begins with, far from apostrophes.
final class SpaceCleaner {

  /// What is replaced, one after the other in all of the text, by itself without the first space.
  /// The lone apostrophe also loses the space behind it.
  private static final String[] CLEANED = {
    " .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're"
  };

  private static final String[] STRIPPED =
      Stream.of(CLEANED).map(String::strip).toArray(String[]::new);

  private static final int LONGEST = 4;

  // Taking one away may make another one, around an apostrophe: all of that is shorter than this.
  private static final int NEAR = 8;
  private static final String SPACES = " ".repeat(NEAR);

  private String held = "";

  /// The text that is settled now that `part` follows.
  String next(String part) {
    String text = held + part;
    int end = text.length();
    while (end > 0 && !isSettled(text, end)) {
      end--;
    }
    held = text.substring(end);
    return clean(text.substring(0, end));
  }

  /// What was held back; a new text begins.
  String flush() {
    String tail = clean(held);
    held = "";
    return tail;
  }

  private static boolean isSettled(String text, int end) {
    int space = text.lastIndexOf(' ', end - 1);
    if (space < 0 || end - space >= LONGEST || text.startsWith(SPACES, end - 1)) {
      return true;
    }
    boolean begins = space + 1 < end && text.charAt(space + 1) != 'n';
    int apostrophe = text.lastIndexOf('\'', end - 1);
    return begins && (apostrophe < 0 || end - apostrophe > NEAR);
  }

  private static String clean(String text) {
    String cleaned = text;
    for (int pair = 0; pair < CLEANED.length; pair++) {
      cleaned = cleaned.replace(CLEANED[pair], STRIPPED[pair]);
    }
    return cleaned;
  }
}
