package dev.lengthwise.grammar;

import dev.lengthwise.LengthwiseException;
import java.util.List;

/// A context-free grammar over the bytes of UTF-8.
///
/// No rule can begin with itself, so every text needs a bounded number of rules before its first
/// byte.
///
/// @param rules the alternatives of every rule, each a sequence of symbols
/// @param root index of the rule that a whole text is
public record Grammar(List<List<List<Symbol>>> rules, int root) {

  /// Copies.
  public Grammar {
    rules = rules.stream().map(rule -> rule.stream().map(List::copyOf).toList()).toList();
  }

  /// The grammar of a text in GBNF, the notation of llama.cpp (`grammars/README.md` there): rules
  /// `name ::= …` of literals, character classes, `.`, groups, `|`, `*`, `+`, `?`, `{m,n}`; a whole
  /// text is the rule `root`.
  ///
  /// @throws LengthwiseException when the text is no grammar, with the line; when a rule can begin
  ///     with itself; or when it is beyond the limits of [GrammarParser]
  public static Grammar parse(String text) {
    return new GrammarParser(text).grammar();
  }

  /// What a sequence is made of.
  public sealed interface Symbol {}

  /// One byte.
  ///
  /// @param low the least
  /// @param high and the greatest that it may be, 0 … 255
  public record Bytes(int low, int high) implements Symbol {}

  /// Whatever a rule stands for.
  ///
  /// @param rule its index
  public record Reference(int rule) implements Symbol {}
}
