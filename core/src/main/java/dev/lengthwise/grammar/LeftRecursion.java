package dev.lengthwise.grammar;

import dev.lengthwise.grammar.Grammar.Bytes;
import dev.lengthwise.grammar.Grammar.Reference;
import dev.lengthwise.grammar.Grammar.Symbol;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/// Rules that can begin with themselves, directly or over others and over what may be empty.
final class LeftRecursion {

  private enum Visit {
    NEW,
    OPEN,
    DONE
  }

  private LeftRecursion() {}

  /// Index of such a rule; −1 where there is none.
  static int find(List<List<List<Symbol>>> rules) {
    boolean[] empty = canBeEmpty(rules);
    Visit[] visits = new Visit[rules.size()];
    Arrays.fill(visits, Visit.NEW);
    for (int rule = 0; rule < rules.size(); rule++) {
      int found = search(rule, rules, empty, visits);
      if (found >= 0) {
        return found;
      }
    }
    return -1;
  }

  // Depth first without recursion, since rules may form long chains.
  private static int search(
      int start, List<List<List<Symbol>>> rules, boolean[] empty, Visit[] visits) {
    Deque<Integer> path = new ArrayDeque<>();
    path.push(start);
    while (!path.isEmpty()) {
      int rule = path.peek();
      if (visits[rule] != Visit.NEW) {
        visits[path.pop()] = Visit.DONE;
        continue;
      }
      visits[rule] = Visit.OPEN;
      for (int first : firsts(rules.get(rule), empty)) {
        if (visits[first] == Visit.OPEN) {
          return first;
        }
        if (visits[first] == Visit.NEW) {
          path.push(first);
        }
      }
    }
    return -1;
  }

  // Rules that an alternative can begin with.
  private static List<Integer> firsts(List<List<Symbol>> alternatives, boolean[] empty) {
    List<Integer> firsts = new ArrayList<>();
    for (List<Symbol> alternative : alternatives) {
      for (Symbol symbol : alternative) {
        if (symbol instanceof Reference(int rule)) {
          firsts.add(rule);
        }
        if (!mayBeEmpty(symbol, empty)) {
          break;
        }
      }
    }
    return firsts;
  }

  private static boolean[] canBeEmpty(List<List<List<Symbol>>> rules) {
    boolean[] empty = new boolean[rules.size()];
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int rule = rules.size() - 1; rule >= 0; rule--) { // parts come after what uses them
        if (!empty[rule]
            && rules.get(rule).stream()
                .anyMatch(parts -> parts.stream().allMatch(part -> mayBeEmpty(part, empty)))) {
          empty[rule] = true;
          changed = true;
        }
      }
    }
    return empty;
  }

  private static boolean mayBeEmpty(Symbol symbol, boolean[] empty) {
    return switch (symbol) {
      case Bytes _ -> false;
      case Reference(int rule) -> empty[rule];
    };
  }
}
