package dev.lengthwise.grammar;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.grammar.Grammar.Bytes;
import dev.lengthwise.grammar.Grammar.Reference;
import dev.lengthwise.grammar.Grammar.Symbol;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Steps through texts of a grammar byte by byte.
///
/// A state is the set of all ways in which the text so far can be read: a way is the place of the
/// next byte, and the places to return to behind the rules around it. States are made when they are
/// first reached and then known, so most steps are a look into a table. A rule at the end of an
/// alternative leaves no place to return to: lists of any length need no depth.
///
/// For one thread at a time.
final class Automaton {

  /// Rules around a byte; a way that is deeper is given up.
  private static final int DEEPEST = 1_000;

  /// Ways of one state.
  private static final int MOST_WAYS = 5_000;

  /// Work of all steps between two tokens.
  private static final long MOST_WORK = 30_000_000;

  /// States that are known; beyond, all are forgotten.
  private static final int MOST_STATES = 20_000;

  private final Grammar grammar;
  private final Map<Place, Place> places = new HashMap<>();
  private final Map<Set<Place>, State> states = new HashMap<>();
  private long work;

  /// Where a way stands: before the symbol `at` of an alternative.
  ///
  /// Equal places are one object, so that comparing `parent` compares all places to return to.
  private static final class Place {
    private final List<Symbol> sequence;
    private final int at;
    private final @Nullable Place parent;
    private final int depth;

    Place(List<Symbol> sequence, int at, @Nullable Place parent) {
      this.sequence = sequence;
      this.at = at;
      this.parent = parent;
      this.depth = parent == null ? 0 : parent.depth + 1;
    }

    // Sequences are those of the grammar, and parents are shared: each is only equal to itself.
    @Override
    @SuppressWarnings("ReferenceEquality")
    public boolean equals(Object other) {
      return other instanceof Place place
          && place.sequence == sequence
          && place.at == at
          && place.parent == parent;
    }

    @Override
    public int hashCode() {
      return (System.identityHashCode(sequence) * 31 + at) * 31 + System.identityHashCode(parent);
    }
  }

  /// All ways in which a text can be read.
  static final class State {
    private final Set<Place> ways;
    private final boolean accepts;
    private final @Nullable State[] next = new State[256];

    private State(Set<Place> ways, boolean accepts) {
      this.ways = ways;
      this.accepts = accepts;
    }

    /// Whether the text may end here.
    boolean accepts() {
      return accepts;
    }

    /// Whether no text leads on or ends here.
    boolean isDead() {
      return ways.isEmpty() && !accepts;
    }

    /// Whether the text can only end here.
    boolean isFinal() {
      return ways.isEmpty() && accepts;
    }
  }

  Automaton(Grammar grammar) {
    this.grammar = grammar;
  }

  /// The state before the first byte.
  State start() {
    Expansion expansion = new Expansion();
    expansion.enter(grammar.root(), null);
    return expansion.state();
  }

  /// Forgets how much work has been done: a new token begins.
  void rest() {
    work = 0;
    if (states.size() > MOST_STATES) {
      states.clear();
      places.clear();
    }
  }

  /// The state behind a byte.
  ///
  /// @param value 0 … 255
  State next(State state, int value) {
    State known = state.next[value];
    if (known == null) {
      known = computed(state, value);
      state.next[value] = known;
    }
    return known;
  }

  private State computed(State state, int value) {
    Expansion expansion = new Expansion();
    for (Place way : state.ways) {
      if (way.sequence.get(way.at) instanceof Bytes(int low, int high)
          && low <= value
          && value <= high) {
        expansion.add(way.sequence, way.at + 1, way.parent);
      }
    }
    return expansion.state();
  }

  private Place place(List<Symbol> sequence, int at, @Nullable Place parent) {
    Place place = new Place(sequence, at, parent);
    Place known = places.putIfAbsent(place, place);
    return known == null ? place : known;
  }

  /// Follows ways into rules and out of them until each stands before a byte.
  private final class Expansion {
    private final Set<Place> ways = new HashSet<>();
    private final Set<Place> seen = new HashSet<>();
    private final Deque<Place> open = new ArrayDeque<>();
    private boolean accepts;

    void enter(int rule, @Nullable Place parent) {
      for (List<Symbol> alternative : grammar.rules().get(rule)) {
        add(alternative, 0, parent);
      }
    }

    void add(List<Symbol> sequence, int at, @Nullable Place parent) {
      if (at == sequence.size()) {
        if (parent == null) {
          accepts = true;
        } else {
          add(parent);
        }
      } else {
        add(place(sequence, at, parent));
      }
    }

    private void add(Place place) {
      work++;
      if (work > MOST_WORK || ways.size() > MOST_WAYS) {
        throw new LengthwiseException(
            "The grammar is too ambiguous: a text can be read in more than %d ways; write it with fewer alternatives that begin alike"
                .formatted(MOST_WAYS));
      }
      if (place.depth <= DEEPEST && seen.add(place)) {
        open.add(place);
      }
    }

    State state() {
      while (!open.isEmpty()) {
        Place place = open.remove();
        switch (place.sequence.get(place.at)) {
          case Bytes _ -> ways.add(place);
          case Reference(int rule) -> {
            boolean last = place.at + 1 == place.sequence.size();
            enter(rule, last ? place.parent : place(place.sequence, place.at + 1, place.parent));
          }
        }
      }
      Set<Place> key = accepts ? withEnd() : ways;
      State known = states.get(key);
      if (known == null) {
        known = new State(Set.copyOf(ways), accepts);
        states.put(Set.copyOf(key), known);
      }
      return known;
    }

    // Whether a text may end is a part of what a state is.
    private Set<Place> withEnd() {
      Set<Place> all = new HashSet<>(ways);
      all.add(END);
      return all;
    }
  }

  private static final Place END = new Place(List.of(), 0, null);
}
