package dev.lengthwise.grammar;

import dev.lengthwise.generate.TokenFilter;
import dev.lengthwise.grammar.Automaton.State;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A grammar as a constraint of generated texts. What it has learnt of a vocabulary serves all
/// texts of the same model, from any thread.
public final class GrammarConstraint implements TokenFilter.Maker {

  private final Grammar grammar;
  private final GrammarVocabulary vocabulary;
  private @Nullable Tokenizer tokenizer;
  private @Nullable Known known;

  /// Texts of this grammar.
  public GrammarConstraint(Grammar grammar) {
    this(grammar, new GrammarVocabulary());
  }

  /// Texts of this grammar.
  ///
  /// @param vocabulary what grammars of the same model share
  public GrammarConstraint(Grammar grammar, GrammarVocabulary vocabulary) {
    this.grammar = grammar;
    this.vocabulary = vocabulary;
  }

  @Override
  public synchronized TokenFilter start(Tokenizer wanted, Set<Integer> ends) {
    Known own = known;
    if (own == null || tokenizer != wanted) {
      own = new Known(new Automaton(grammar), vocabulary.trie(wanted));
      known = own;
      tokenizer = wanted;
    }
    return new GrammarFilter(own, wanted, ends);
  }

  /// An automaton and the tokens that it allows in the states where that was asked.
  static final class Known {

    private static final int MOST_MASKS = 1_000;

    private final Automaton automaton;
    private final TokenTrie trie;
    private final Map<State, BitSet> masks =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<State, BitSet> eldest) {
            return size() > MOST_MASKS;
          }
        };

    Known(Automaton automaton, TokenTrie trie) {
      this.automaton = automaton;
      this.trie = trie;
    }

    synchronized State start() {
      automaton.rest();
      return automaton.start();
    }

    /// The tokens that a text may go on with; not to be changed.
    synchronized BitSet allowed(State state) {
      BitSet allowed = masks.get(state);
      if (allowed == null) {
        automaton.rest();
        allowed = trie.allowed(automaton, state);
        masks.put(state, allowed);
      }
      return allowed;
    }

    synchronized State after(State state, byte[] bytes) {
      automaton.rest();
      State next = state;
      for (byte one : bytes) {
        next = automaton.next(next, one & 0xff);
      }
      return next;
    }
  }
}
