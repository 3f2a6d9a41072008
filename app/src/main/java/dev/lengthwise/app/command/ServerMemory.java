package dev.lengthwise.app.command;

import dev.lengthwise.app.options.ByteSize;
import dev.lengthwise.generate.MemoryPlan;
import dev.lengthwise.generate.MemoryPlanner;
import java.util.Locale;
import java.util.OptionalLong;

/// What a server may come to take of memory, said before weights are read.
///
/// @param planner of its model under the method that requests get which name none
/// @param contextLimit most tokens of a text
/// @param texts that run at once
/// @param mostCache most bytes of keys and values of all texts that run
/// @param mostPrefixes most bytes of begins of prompts that are kept
record ServerMemory(
    MemoryPlanner planner, int contextLimit, int texts, long mostCache, long mostPrefixes) {

  /// Whether all of it is there.
  ///
  /// @param machine bytes that there are
  boolean fits(long machine) {
    return total() <= machine;
  }

  private MemoryPlan plan() {
    return planner.at(contextLimit);
  }

  private long total() {
    return plan().weights().total() + cache() + mostPrefixes + rest();
  }

  private long cache() {
    return Math.min(mostCache, texts * plan().cache());
  }

  private long rest() {
    return plan().work() + plan().process();
  }

  /// One sentence, and a second one where it does not fit.
  ///
  /// @param machine bytes that there are
  String text(long machine) {
    String parts =
        "Memory: weights %s, keys and values of %d texts of %d tokens at most %s (%s), kept begins of prompts at most %s, the rest about %s; together %s of %s."
            .formatted(
                ByteSize.text(plan().weights().total()),
                texts,
                contextLimit,
                ByteSize.text(cache()),
                planner.cacheType().name().toLowerCase(Locale.ROOT),
                ByteSize.text(mostPrefixes),
                ByteSize.text(rest()),
                ByteSize.text(total()),
                ByteSize.text(machine));
    return fits(machine) ? parts : parts + excess(machine);
  }

  private String excess(long machine) {
    OptionalLong longest = planner.longest(machine);
    return longest.isEmpty()
        ? " Not even one token fits: take a smaller model, or one in fewer bits."
        : " That does not fit: lower --ctx-size (one text alone may have %,d tokens), --parallel, --cache-memory or --prefix-cache."
            .formatted(longest.getAsLong());
  }
}
