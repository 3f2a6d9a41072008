package dev.lengthwise.app.command;

import dev.lengthwise.app.options.ByteSize;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.generate.MemoryPlan;
import dev.lengthwise.generate.MemoryPlanner;
import dev.lengthwise.torch.ComputeDevice;
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

  /// More bytes than any machine has.
  private static final long MOST = 1L << 60;

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
    return fixed() + cache() + mostPrefixes;
  }

  // All but keys and values.
  private long fixed() {
    return plan().weights().total() + rest();
  }

  // Of all texts; of so many that the product fits no long, more than any machine has.
  private long cache() {
    long one = plan().cache();
    return Math.min(mostCache, one > MOST / texts ? MOST : texts * one);
  }

  private long rest() {
    return plan().work() + plan().process();
  }

  /// One sentence, and where it does not fit a second one with options under which it does.
  ///
  /// @param machine bytes that there are
  String text(long machine) {
    String text = parts() + " of " + ByteSize.text(machine) + "." + refusal();
    return fits(machine) ? text : text + advice(machine);
  }

  /// The sentence of a device whose memory is not known.
  String text(ComputeDevice device) {
    return parts() + ", most of it on " + device + "." + refusal();
  }

  private String parts() {
    return "Memory: weights %s, keys and values of %d texts of %d tokens under %s at most %s (%s), kept begins of prompts at most %s, the rest about %s; together %s"
        .formatted(
            ByteSize.text(plan().weights().total()),
            texts,
            contextLimit,
            planner.plans().chosen().name(),
            ByteSize.text(cache()),
            planner.cacheType().name().toLowerCase(Locale.ROOT),
            ByteSize.text(mostPrefixes),
            ByteSize.text(rest()),
            ByteSize.text(total()));
  }

  private String refusal() {
    return plan().cache() <= mostCache
        ? ""
        : " A text of %d tokens is refused: alone it takes %s, more than --cache-memory."
            .formatted(contextLimit, ByteSize.text(plan().cache()));
  }

  private String advice(long machine) {
    long room = machine - fixed();
    long one = Math.min(mostCache, plan().cache());
    if (mebibytes(room - mostPrefixes) >= one) {
      return " That does not fit. It does with --cache-memory %dM: texts then wait for each other."
          .formatted(mebibytes(room - mostPrefixes) >> 20);
    }
    if (mebibytes(room) >= one) {
      return " That does not fit. It does with --cache-memory %dM --prefix-cache off: texts then wait for each other, and read all of their prompts."
          .formatted(mebibytes(room) >> 20);
    }
    OptionalLong longest = planner.longest(machine);
    return longest.isEmpty() ? ofWeights(machine) : ofText(longest.getAsLong());
  }

  private static long mebibytes(long bytes) {
    return bytes >> 20 << 20;
  }

  private String ofText(long longest) {
    return " Not even one such text fits. One does with --parallel 1 --prefix-cache off --ctx-size %d%s."
        .formatted(
            longest,
            planner.cacheType() == CacheType.F32
                ? ", a longer one with --cache-type bf16, too"
                : "");
  }

  private String ofWeights(long machine) {
    long copies = plan().weights().repacked();
    return planner.at(1).total() - copies <= machine
        ? " Not even one token fits. With --repack off weights take %s less, and single tokens longer."
            .formatted(ByteSize.text(copies))
        : " Not even one token fits: take a smaller model, or one in fewer bits.";
  }
}
