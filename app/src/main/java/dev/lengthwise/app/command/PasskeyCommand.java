package dev.lengthwise.app.command;

import dev.lengthwise.app.options.Lengths;
import dev.lengthwise.app.options.MethodOptions;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.evaluate.Axes;
import dev.lengthwise.evaluate.Measurement;
import dev.lengthwise.evaluate.Measurement.Metric;
import dev.lengthwise.evaluate.PasskeyTask;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.report.Progress;
import dev.lengthwise.runtime.OpenModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `passkey`: retrieval accuracy by length and depth.
@Command(
    name = "passkey",
    description = "Measures how well a number hidden in filler text is found.",
    mixinStandardHelpOptions = true)
public final class PasskeyCommand implements Callable<Integer> {

  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private MethodOptions method = new MethodOptions();

  @Option(
      names = "--lengths",
      converter = Lengths.Converter.class,
      paramLabel = "N,...",
      description = "Lengths in tokens; default: the trained length times 1, 2 and 4.")
  private @Nullable Lengths lengths;

  @Option(
      names = "--depths",
      split = ",",
      paramLabel = "D",
      description = "Depths, 0 the start and 1 the end (default 0,0.25,0.5,0.75,1).")
  private List<Double> depths = new ArrayList<>(List.of(0.0, 0.25, 0.5, 0.75, 1.0));

  @Option(
      names = "--trials",
      paramLabel = "N",
      description = "Keys for each length and depth (default ${DEFAULT-VALUE}).")
  private int trials = 5;

  @Option(names = "--seed", paramLabel = "N", description = "Default ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(names = "--json", description = "JSON lines on standard output.")
  private boolean json;

  @Option(names = "--quiet", description = "No progress.")
  private boolean quiet;

  @Override
  public Integer call() {
    try (OpenModel open = model.open();
        Progress progress = Progress.standardError(quiet)) {
      open.requireCausal();
      List<Integer> wanted = lengths(open).tokens();
      Axes axes = Usage.checked(() -> new Axes(wanted, depths, trials, new int[0], 1, 1, seed));
      InferenceModel inference = open.inference(method.text(), OptionalLong.of(axes.longest()));
      PasskeyTask task = new PasskeyTask();
      Protocol protocol =
          new Protocol(open, model)
              .withTokenizer(open)
              .with("method", inference.plans().chosen().name())
              .with("template", task.template().name())
              .with("lengths", wanted)
              .with("depths", depths)
              .with("trials", trials)
              .with("seed", seed);
      if (!json) {
        System.out.printf(
            "%s under %s (trained at %d), %d trials at each depth, seed %d%n",
            open.name(),
            inference.plans().chosen().name(),
            open.shape().trainedLength(),
            trials,
            seed);
        System.out.println("length   depth  first integer  contained  digits");
      }
      progress.start("passkey", task.cost(axes));
      Printer printer = new Printer(protocol.entries());
      long[] done = new long[1];
      task.run(
          open.subject(inference, model.batch),
          axes,
          printer::accept,
          tokens -> progress.advance(done[0] += tokens));
      return 0;
    }
  }

  private Lengths lengths(OpenModel open) {
    return lengths != null ? lengths : Lengths.multiples(open.shape().trainedLength(), 1, 2, 4);
  }

  /// Prints a line when all metrics of a cell have come.
  private final class Printer {
    private final Map<String, Object> protocol;
    private final Map<Metric, Double> cell = new LinkedHashMap<>();

    Printer(Map<String, Object> protocol) {
      this.protocol = protocol;
    }

    void accept(Measurement measurement) {
      cell.put(measurement.metric(), measurement.value());
      if (measurement.metric() != Metric.PASSKEY_DIGITS) {
        return;
      }
      if (json) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("protocol", protocol);
        line.put("length", measurement.length());
        line.put("depth", measurement.depth());
        line.put("trials", measurement.count());
        cell.forEach((metric, value) -> line.put(metric.name().toLowerCase(Locale.ROOT), value));
        JsonOutput.print(line);
      } else {
        System.out.printf(
            Locale.ROOT,
            "%6d   %5.2f  %13.2f  %9.2f  %6.2f%n",
            measurement.length(),
            measurement.depth(),
            cell.get(Metric.PASSKEY_FIRST_INTEGER),
            cell.get(Metric.PASSKEY_CONTAINED),
            cell.get(Metric.PASSKEY_DIGITS));
      }
    }
  }
}
