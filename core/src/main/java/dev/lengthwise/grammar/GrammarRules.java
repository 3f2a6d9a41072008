package dev.lengthwise.grammar;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.grammar.Grammar.Reference;
import dev.lengthwise.grammar.Grammar.Symbol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rules of a grammar while it is read, and what must hold of all of them.
final class GrammarRules {

  /// Most symbols of all rules, those that repetitions make included.
  static final int MOST_SYMBOLS = 200_000;

  /// Most times that something may be repeated by number.
  static final int MOST_REPETITIONS = 2_000;

  private final Map<String, Integer> names = new LinkedHashMap<>();
  private final List<@Nullable List<List<Symbol>>> rules = new ArrayList<>();
  private int symbols;

  /// The index of a named rule, which may come later.
  int named(String name) {
    return names.computeIfAbsent(
        name,
        _ -> {
          rules.add(null);
          return rules.size() - 1;
        });
  }

  /// Whether a named rule has been defined.
  boolean isDefined(int rule) {
    return rules.get(rule) != null;
  }

  /// Says what a named rule stands for.
  void define(int rule, List<List<Symbol>> alternatives) {
    rules.set(rule, counted(alternatives));
  }

  /// A rule without a name, unless the alternatives are a single symbol.
  Symbol symbol(List<List<Symbol>> alternatives) {
    if (alternatives.size() == 1 && alternatives.getFirst().size() == 1) {
      return alternatives.getFirst().getFirst();
    }
    rules.add(counted(alternatives));
    return new Reference(rules.size() - 1);
  }

  private List<List<Symbol>> counted(List<List<Symbol>> alternatives) {
    for (List<Symbol> alternative : alternatives) {
      symbols += 1 + alternative.size();
    }
    if (symbols > MOST_SYMBOLS) {
      throw new LengthwiseException(
          "The grammar is too large: more than %d symbols with what its repetitions make; shorten it"
              .formatted(MOST_SYMBOLS));
    }
    return alternatives;
  }

  /// `item` at least `least` times, and at most `most` times, or any number where that is negative.
  ///
  ///     x{2,}  →  x x rest,    rest ::= x rest | ε
  ///     x{1,3} →  x rest,      rest ::= x more | ε,    more ::= x | ε
  List<Symbol> repeated(Symbol item, int least, int most) {
    List<Symbol> sequence = new ArrayList<>();
    for (int n = 0; n < least; n++) {
      sequence.add(item);
    }
    if (most < 0) {
      rules.add(null);
      Reference rest = new Reference(rules.size() - 1);
      define(rest.rule(), List.of(List.of(item, rest), List.of()));
      sequence.add(rest);
    } else if (most > least) {
      Symbol rest = symbol(List.of(List.of(item), List.of()));
      for (int n = least + 1; n < most; n++) {
        rest = symbol(List.of(List.of(item, rest), List.of()));
      }
      sequence.add(rest);
    }
    return sequence;
  }

  /// The grammar of all rules, when each is there and none begins with itself.
  Grammar grammar() {
    for (Map.Entry<String, Integer> entry : names.entrySet()) {
      if (!isDefined(entry.getValue())) {
        throw new LengthwiseException(
            "The grammar has no rule '%s', only %s; write  %s ::= …"
                .formatted(entry.getKey(), defined(), entry.getKey()));
      }
    }
    List<List<List<Symbol>>> all = new ArrayList<>();
    for (List<List<Symbol>> rule : rules) {
      all.add(rule == null ? List.of() : rule);
    }
    int recursive = LeftRecursion.find(all);
    if (recursive >= 0) {
      throw new LengthwiseException(
          "The grammar is left-recursive: %s can begin with itself, or repeats what may be empty; write it with * or with the recursion at the end"
              .formatted(nameOf(recursive)));
    }
    return new Grammar(all, named("root"));
  }

  private List<String> defined() {
    return names.entrySet().stream()
        .filter(entry -> isDefined(entry.getValue()))
        .map(Map.Entry::getKey)
        .limit(20)
        .toList();
  }

  // A rule without a name was made within the named one before it.
  private String nameOf(int rule) {
    return names.entrySet().stream()
        .filter(entry -> entry.getValue() == rule)
        .map(entry -> "rule '" + entry.getKey() + "'")
        .findFirst()
        .orElse("a group");
  }
}
