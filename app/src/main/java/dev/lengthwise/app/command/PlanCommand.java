package dev.lengthwise.app.command;

import dev.lengthwise.app.options.ByteSize;
import dev.lengthwise.app.options.MethodOptions;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.family.ModelHeader;
import dev.lengthwise.generate.MemoryPlan;
import dev.lengthwise.generate.MemoryPlanner;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.runtime.PlannedModel;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `plan`: the memory of a run, before it.
@Command(
    name = "plan",
    description = "Says what memory a model takes under a method, before weights are read.",
    mixinStandardHelpOptions = true)
public final class PlanCommand implements Callable<Integer> {

  @Mixin private ModelOptions model = ModelOptions.forTexts();
  @Mixin private MethodOptions method = new MethodOptions();

  @Parameters(arity = "0..1", paramLabel = "MODEL", description = "As --model.")
  private @Nullable String named;

  @Option(
      names = {"-c", "--ctx", "--ctx-size"},
      paramLabel = "N",
      description = "Tokens of the text; default: the trained length.")
  private @Nullable Long length;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description = "Memory to plan for, such as 16G; default: that of this machine.")
  private @Nullable Long memory;

  @Option(names = "--json", description = "The plan as one JSON object.")
  private boolean json;

  @Override
  public Integer call() {
    if (length != null) {
      Usage.length(length, "--ctx");
    }
    if (named != null) {
      model.name(named);
    }
    Plans plans = plans(PlannedModel.read(model.path(), model.settings()));
    if (json) {
      JsonOutput.print(plans.entries());
    } else {
      plans.print();
    }
    return 0;
  }

  private Plans plans(PlannedModel planned) {
    long trained = planned.shape().trainedLength();
    long tokens = length == null ? trained : length;
    PlanFunction function = planned.plans(method.text(), OptionalLong.of(tokens));
    Map<CacheType, MemoryPlanner> planners = new LinkedHashMap<>();
    for (CacheType type : CacheType.values()) {
      planners.put(type, planned.planner(function, type, model.batch));
    }
    return new Plans(
        planned.header(), trained, tokens, function, planners, planned.cacheType(), bytes());
  }

  private long bytes() {
    return memory != null ? memory : ByteSize.ofMachine();
  }

  /// The plan for the wanted length, and what the types of the cache change.
  ///
  /// @param chosen type of the cache
  /// @param memory bytes to plan for
  private record Plans(
      ModelHeader header,
      long trainedLength,
      long tokens,
      PlanFunction function,
      Map<CacheType, MemoryPlanner> planners,
      CacheType chosen,
      long memory) {

    MemoryPlan plan(CacheType type) {
      return planner(type).at(tokens);
    }

    private MemoryPlanner planner(CacheType type) {
      MemoryPlanner planner = planners.get(type);
      if (planner == null) {
        throw new IllegalStateException("no plan for " + type);
      }
      return planner;
    }

    Map<String, Object> entries() {
      MemoryPlan plan = plan(chosen);
      Map<String, Object> entries = new LinkedHashMap<>();
      entries.put("model", header.name());
      entries.put("method", function.chosen().name());
      entries.put("trained_length", trainedLength);
      entries.put("tokens", tokens);
      entries.put("cache_type", name(chosen));
      entries.put("weights_file", plan.weights().file());
      entries.put("weights_converted", plan.weights().converted());
      entries.put("weights_repacked", plan.weights().repacked());
      entries.put("cache", plan.cache());
      entries.put("work", plan.work());
      entries.put("process", plan.process());
      entries.put("total", plan.total());
      entries.put("memory", memory);
      Map<String, Object> types = new LinkedHashMap<>();
      for (CacheType type : planners.keySet()) {
        OptionalLong longest = planner(type).longest(memory);
        types.put(name(type), Map.of("cache", plan(type).cache(), "longest", longest.orElse(0)));
      }
      entries.put("by_cache_type", types);
      return entries;
    }

    void print() {
      MemoryPlan plan = plan(chosen);
      System.out.printf(
          "%s (%s) under %s, %d tokens (trained at %d)%n",
          header.name(), header.spec().family(), function.chosen().name(), tokens, trainedLength);
      row("weights in the mapped file", plan.weights().file(), "");
      row("weights in another type or order", plan.weights().converted(), "");
      row("weights with 16 rows side by side", plan.weights().repacked(), "none with --repack off");
      row("keys and values of one text", plan.cache(), "exact, as " + name(chosen));
      row("work space", plan.work(), "estimate");
      row("virtual machine and libtorch", plan.process(), "estimate");
      row("together", plan.total(), plan.total() <= memory ? "" : "more than there is");
      row("memory", memory, "");
      System.out.println();
      System.out.printf("%-12s %16s %18s%n", "cache type", "keys and values", "longest text");
      for (CacheType type : planners.keySet()) {
        System.out.printf(
            "%-12s %16s %18s%n",
            name(type), ByteSize.text(plan(type).cache()), longest(planner(type).longest(memory)));
      }
    }

    private static String name(CacheType type) {
      return type.name().toLowerCase(Locale.ROOT);
    }

    private static void row(String name, long bytes, String note) {
      System.out.println(
          "  %-34s %12s  %s".formatted(name, ByteSize.text(bytes), note).stripTrailing());
    }

    private static String longest(OptionalLong tokens) {
      if (tokens.isEmpty()) {
        return "does not fit";
      }
      long fits = tokens.getAsLong();
      return fits == MemoryPlanner.LONGEST ? "any" : String.format(Locale.ROOT, "%,d tokens", fits);
    }
  }
}
