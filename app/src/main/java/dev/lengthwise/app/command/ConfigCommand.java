package dev.lengthwise.app.command;

import dev.lengthwise.app.options.MethodOptions;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.position.PlanDescription;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.runtime.OpenModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `config explain`: what a method does to a model.
@Command(
    name = "config",
    description = "Explains the effective configuration.",
    mixinStandardHelpOptions = true,
    subcommands = ConfigCommand.Explain.class,
    synopsisSubcommandLabel = "explain")
public final class ConfigCommand {

  /// `config explain MODEL --method …`.
  @Command(
      name = "explain",
      description = "Shows frequencies, branches and what the cache keeps.",
      mixinStandardHelpOptions = true)
  static final class Explain implements Callable<Integer> {

    @Mixin private ModelOptions model = new ModelOptions();
    @Mixin private MethodOptions method = new MethodOptions();

    @Parameters(arity = "0..1", paramLabel = "MODEL", description = "As --model.")
    private @Nullable String named;

    @Option(
        names = "--length",
        paramLabel = "N",
        description = "Current length, for methods that depend on it; default: trained length.")
    private @Nullable Long length;

    @Override
    public Integer call() {
      if (length != null) {
        Usage.length(length, "--length");
      }
      if (named != null) {
        model.name(named);
      }
      try (OpenModel open = model.open()) {
        long current = length == null ? open.shape().trainedLength() : length;
        OptionalLong target = length == null ? OptionalLong.empty() : OptionalLong.of(length);
        PlanFunction plans = open.plans(method.text(), target);
        System.out.println("model: " + open.name() + " (" + open.spec().family() + ")");
        System.out.println("trained length: " + open.shape().trainedLength());
        System.out.println("declared by the checkpoint: " + plans.declared().name());
        System.out.println("method: " + plans.chosen().name());
        System.out.println("same as the checkpoint's own method up to: " + identity(plans));
        System.out.println("current length: " + current);
        if (plans.chosen().dependsOnSteps()) {
          System.out.println(
              "results depend on where steps end: on prompts, chunks and new tokens");
        }
        explain(plans, current);
        return 0;
      }
    }

    // Layers with equal plans are explained together, neighbours or not.
    private static void explain(PlanFunction plans, long current) {
      Map<PlanDescription, List<Integer>> groups = new LinkedHashMap<>();
      for (int layer = 0; layer < plans.shape().layers(); layer++) {
        groups.computeIfAbsent(plans.describe(layer, current), _ -> new ArrayList<>()).add(layer);
      }
      groups.forEach(
          (description, layers) -> {
            System.out.println((layers.size() == 1 ? "layer " : "layers ") + runs(layers));
            description.lines().forEach(line -> System.out.println("  " + line));
          });
    }

    // 0, 1, 2, 4 → "0 … 2, 4"
    private static String runs(List<Integer> layers) {
      StringJoiner runs = new StringJoiner(", ");
      int first = 0;
      for (int next = 1; next <= layers.size(); next++) {
        if (next == layers.size() || layers.get(next) > layers.get(next - 1) + 1) {
          int last = layers.get(next - 1);
          runs.add(layers.get(first) == last ? "" + last : layers.get(first) + " … " + last);
          first = next;
        }
      }
      return runs.toString();
    }

    private static String identity(PlanFunction plans) {
      long tokens = plans.identityLength();
      return tokens == Long.MAX_VALUE ? "any length" : tokens + " tokens";
    }
  }
}
