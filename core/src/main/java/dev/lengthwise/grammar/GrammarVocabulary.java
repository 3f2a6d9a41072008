package dev.lengthwise.grammar;

import dev.lengthwise.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/// The tokens of a model as grammars ask about them: made at first use, and shared by all grammars
/// that texts of the model are held to, since it takes a while and some megabytes.
///
/// For any number of threads.
public final class GrammarVocabulary {

  private @Nullable Tokenizer tokenizer;
  private @Nullable TokenTrie trie;

  /// A vocabulary that nobody has asked about yet.
  public GrammarVocabulary() {}

  /// The tokens of a tokenizer; that of another one is made anew.
  synchronized TokenTrie trie(Tokenizer wanted) {
    TokenTrie own = trie;
    if (own == null || tokenizer != wanted) {
      own = new TokenTrie(wanted);
      trie = own;
      tokenizer = wanted;
    }
    return own;
  }
}
