package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.options.EncoderOptions;
import dev.lengthwise.encode.Encoder;
import dev.lengthwise.encode.LabelledPair;
import dev.lengthwise.encode.PairFile;
import dev.lengthwise.encode.PairScorer;
import dev.lengthwise.evaluate.MatchResult;
import dev.lengthwise.runtime.OpenModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `evaluate`: how well an encoder tells alike texts from others, or does the task of its head.
@Command(
    name = "evaluate",
    description = "Judges encoders.",
    mixinStandardHelpOptions = true,
    subcommands = {EvaluateCommand.Match.class, EvaluateTask.class},
    synopsisSubcommandLabel = "match|task")
public final class EvaluateCommand {

  /// `evaluate match -m MODEL --validation FILE --test FILE`.
  @Command(
      name = "match",
      description =
          "Rank correlation of scores with labels, accuracy and F1, with thresholds that were"
              + " chosen on other pairs.",
      mixinStandardHelpOptions = true)
  static final class Match implements Callable<Integer> {

    @Mixin private EncoderOptions encoding = new EncoderOptions();

    @Option(
        names = "--validation",
        required = true,
        paramLabel = "FILE",
        description =
            "Pairs that thresholds are chosen on: lines 'text TAB text TAB label', .csv, or JSON"
                + " lines with sentence1, sentence2 and label.")
    private Path validation = Path.of("");

    @Option(
        names = "--test",
        required = true,
        paramLabel = "FILE",
        description = "Pairs that are judged.")
    private Path test = Path.of("");

    @Option(
        names = "--classes",
        description =
            "Whole labels from 0 on are classes of growing likeness, told apart by as many"
                + " thresholds; labels of 0 and 1 always are.")
    private boolean classes;

    @Option(
        names = "--interaction",
        description = "Read each pair as one text, with the head that was trained for it.")
    private boolean interaction;

    @Option(
        names = "--searches",
        description =
            "Compare the thresholds with those that bisection and Powell's method find; of classes"
                + " that are read with --interaction, with factors of their probabilities.")
    private boolean searches;

    @Option(names = "--json", description = "The result as one line of JSON.")
    private boolean json;

    @Override
    public Integer call() {
      List<LabelledPair> chosen = labelled(validation);
      List<LabelledPair> judged = labelled(test);
      try (OpenModel open = encoding.open()) {
        Encoder encoder = encoding.encoder(open);
        PairScorer scorer =
            interaction
                ? PairScorer.Interaction.of(encoder, open.loaded().path())
                : new PairScorer.Cosines(encoder, encoding.prompt(encoder));
        MatchResult.Scored chosenScores = MatchResult.Scored.of(scorer, chosen);
        MatchResult.Scored judgedScores = MatchResult.Scored.of(scorer, judged);
        MatchResult result = MatchResult.of(chosenScores, judgedScores, classes);
        List<MatchComparison> comparisons =
            searches ? MatchComparison.of(chosenScores, judgedScores) : List.of();
        if (searches && classes && scorer instanceof PairScorer.Interaction joint) {
          comparisons = List.of(MatchComparison.ofClasses(joint, chosen, judged));
        }
        if (json) {
          Map<String, Object> line = new LinkedHashMap<>();
          line.put("model", open.name());
          line.put("test", test.toString());
          line.put("result", result);
          line.put("searches", comparisons);
          JsonOutput.print(line);
        } else {
          print(result);
          comparisons.forEach(one -> System.out.println(one.text()));
        }
      }
      return 0;
    }

    private static List<LabelledPair> labelled(Path file) {
      List<LabelledPair> pairs = PairFile.read(file);
      if (!pairs.stream().allMatch(LabelledPair::isLabelled)) {
        throw new LengthwiseException(
            "Pairs of %s have no labels, which scores are compared with; label them."
                .formatted(file));
      }
      return pairs;
    }

    private static void print(MatchResult result) {
      Map<String, @Nullable Double> rows = new LinkedHashMap<>();
      rows.put("Spearman", result.spearman());
      rows.put("Pearson", result.pearson());
      rows.put("accuracy", result.accuracy());
      rows.put("F1", result.f1());
      System.out.printf(Locale.ROOT, "%-10s %d%n", "pairs", result.pairs());
      rows.forEach(
          (name, value) -> {
            if (value != null) {
              System.out.printf(Locale.ROOT, "%-10s %.2f%n", name, 100 * value);
            }
          });
      if (!result.accuracyCuts().isEmpty()) {
        System.out.println("thresholds " + result.accuracyCuts());
      }
      if (result.undefined() != null) {
        System.out.println(result.undefined());
      }
    }
  }
}
