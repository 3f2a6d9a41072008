package dev.lengthwise.app;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.PlanDescription;
import dev.lengthwise.position.PlanFunction;
import java.util.OptionalLong;
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
final class ConfigCommand {

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
        model.model = named;
      }
      try (OpenModel open = OpenModel.open(model)) {
        long current = length == null ? open.shape().trainedLength() : length;
        OptionalLong target = length == null ? OptionalLong.empty() : OptionalLong.of(length);
        PlanFunction plans = open.plans(method.text(), target);
        System.out.println("model: " + open.name() + " (" + open.spec().family() + ")");
        System.out.println("trained length: " + open.shape().trainedLength());
        System.out.println("declared by the checkpoint: " + plans.declared().name());
        System.out.println("method: " + plans.chosen().name());
        System.out.println("same as the plain model up to: " + identity(plans));
        System.out.println("current length: " + current);
        explain(plans, current);
        return 0;
      }
    }

    // Layers with equal plans are explained together.
    private static void explain(PlanFunction plans, long current) {
      int layers = plans.shape().layers();
      int first = 0;
      while (first < layers) {
        AttentionPlan plan = plans.plan(first, current);
        int until = first + 1;
        while (until < layers && plans.plan(until, current).equals(plan)) {
          until++;
        }
        System.out.println(
            first + 1 == until ? "layer " + first : "layers " + first + " … " + (until - 1));
        PlanDescription.of(plans.shape(), plan)
            .lines()
            .forEach(line -> System.out.println("  " + line));
        first = until;
      }
    }

    private static String identity(PlanFunction plans) {
      long tokens = plans.chosen().identityLength(plans.shape());
      return tokens == Long.MAX_VALUE ? "any length" : tokens + " tokens";
    }
  }
}
