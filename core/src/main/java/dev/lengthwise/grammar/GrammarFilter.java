package dev.lengthwise.grammar;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.TokenFilter;
import dev.lengthwise.grammar.Automaton.State;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.BitSet;
import java.util.Set;

/// Holds one generated text to a grammar. End tokens may come only where the grammar is complete.
final class GrammarFilter implements TokenFilter {

  private final GrammarConstraint.Known known;
  private final Tokenizer tokenizer;
  private final Set<Integer> ends;
  private State state;

  GrammarFilter(GrammarConstraint.Known known, Tokenizer tokenizer, Set<Integer> ends) {
    this.known = known;
    this.tokenizer = tokenizer;
    this.ends = Set.copyOf(ends);
    this.state = known.start();
  }

  @Override
  public void mask(float[] logits) {
    BitSet allowed = known.allowed(state);
    boolean some = false;
    float[] whole = state.accepts() ? logits.clone() : logits;
    for (int id = 0; id < logits.length; id++) {
      boolean may = allowed.get(id);
      some |= may;
      logits[id] = may ? logits[id] : Float.NEGATIVE_INFINITY;
    }
    for (int end : ends) {
      if (end < logits.length) {
        logits[end] = state.accepts() ? whole[end] : Float.NEGATIVE_INFINITY;
        some |= state.accepts();
      }
    }
    if (!some) {
      throw new LengthwiseException(
          "No token of "
              + tokenizer.name()
              + " goes on as the grammar wants, and the text may not end here; widen the grammar");
    }
  }

  @Override
  public void accept(int id) {
    state = known.after(state, tokenizer.bytes(id));
  }

  @Override
  public boolean isComplete() {
    return state.isFinal();
  }
}
