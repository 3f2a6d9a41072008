package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.options.Home;
import dev.lengthwise.app.options.HubnessOptions;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.app.options.ResultPlace;
import dev.lengthwise.app.options.TextOptions;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.diagnose.AttentionSummary;
import dev.lengthwise.diagnose.LayerDiagnosis;
import dev.lengthwise.diagnose.TextDiagnosis;
import dev.lengthwise.report.AttentionLines;
import dev.lengthwise.report.AttentionPage;
import dev.lengthwise.report.AttentionReport;
import dev.lengthwise.report.AttentionTable;
import dev.lengthwise.report.Progress;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `diagnose`: what a model does on a text, by method and layer.
@Command(
    name = "diagnose",
    description =
        "Shows what a model does on a text: scores by distance, entropy by position, where the"
            + " weights go; how scores decay, and where they first rise; hidden states; hubs among"
            + " vectors of texts.",
    mixinStandardHelpOptions = true)
public final class DiagnoseCommand implements Callable<Integer> {

  // Pairs grow with the square: four trained lengths of a long-context model would take hours.
  private static final int MOST_BY_DEFAULT = 4096;
  private static final int TRAINED_LENGTHS_BY_DEFAULT = 4;

  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private TextOptions text = new TextOptions();
  @Mixin private HubnessOptions hubness = new HubnessOptions();

  /// What can be shown.
  enum Shown {
    /// See [LayerDiagnosis.Part#ATTENTION].
    ATTENTION(LayerDiagnosis.Part.ATTENTION),
    /// See [LayerDiagnosis.Part#DECAY].
    DECAY(LayerDiagnosis.Part.DECAY),
    /// See [LayerDiagnosis.Part#ORDER].
    ORDER(LayerDiagnosis.Part.ORDER),
    /// See [LayerDiagnosis.Part#PCA].
    PCA(LayerDiagnosis.Part.PCA),
    /// Hubs among vectors ([HubnessDiagnosis]), which are of no layer.
    HUBNESS(null);

    private final LayerDiagnosis.@Nullable Part part;

    Shown(LayerDiagnosis.@Nullable Part part) {
      this.part = part;
    }
  }

  @Option(
      names = "--methods",
      paramLabel = "METHODS",
      description = "Methods, separated by commas; default: what the checkpoint declares.")
  private String methods = "declared";

  @Option(
      names = "--layers",
      split = ",",
      paramLabel = "N",
      description = "Layers, counted from 1, separated by commas; default: all.")
  private List<Integer> layers = new ArrayList<>();

  @Option(
      names = "--show",
      split = ",",
      paramLabel = "PART",
      description = "What to look at: ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.",
      defaultValue = "attention,decay,order")
  private EnumSet<Shown> shown = EnumSet.noneOf(Shown.class);

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description =
          "First tokens of the text to look at; default: four trained lengths, at most 4096, and"
              + " at most the text.")
  private @Nullable Integer tokens;

  @Option(
      names = "--first",
      paramLabel = "N",
      description = "First keys whose share is shown (default ${DEFAULT-VALUE}).")
  private int first = 4;

  @Option(
      names = "--recent",
      paramLabel = "N",
      description = "Nearest keys whose share is shown; default: a quarter of the trained length.")
  private @Nullable Integer recent;

  @Option(names = "--report", paramLabel = "FILE", description = "An HTML page with charts.")
  private @Nullable Path report;

  @Option(names = "--json", description = "JSON lines on standard output in place of the table.")
  private boolean json;

  @Option(names = "--quiet", description = "No progress.")
  private boolean quiet;

  @Override
  public Integer call() {
    if (shown.contains(Shown.HUBNESS)) {
      Usage.require(
          shown.size() == 1 && report == null,
          "--show HUBNESS stands alone, and makes no --report; leave the other out");
      new HubnessDiagnosis(model, text, hubness, json).run();
      return 0;
    }
    hubness.requireNone();
    text.requireApart(report);
    Usage.require(first >= 0, "--first must be 0 or more, found " + first);
    if (tokens != null) {
      Usage.require(tokens >= 2, "--tokens must be 2 or more, found " + tokens);
    }
    try (OpenModel open = model.open()) {
      open.requireCausal();
      List<Integer> chosen = layers(open.shape().layers());
      TextOptions.TokenText document = document(open);
      AttentionSummary.Zones zones = zones(open.shape().trainedLength());
      List<Subjects.Entry> entries =
          Subjects.of(open, CompareCommand.split(methods), document.ids().length);
      Protocol protocol = protocol(open, document, zones, entries);
      if (report != null) {
        ResultPlace.makeFor(report);
      }
      show(
          new AttentionReport(
              "Attention of "
                  + open.name()
                  + " on "
                  + String.format(Locale.ROOT, "%,d", document.ids().length)
                  + " tokens of "
                  + document.name(),
              open.shape().trainedLength(),
              entries(entries, document.ids(), chosen, zones),
              protocol.entries(),
              notes(zones)));
      return 0;
    }
  }

  private EnumSet<LayerDiagnosis.Part> parts() {
    EnumSet<LayerDiagnosis.Part> parts = EnumSet.noneOf(LayerDiagnosis.Part.class);
    for (Shown one : shown) {
      if (one.part != null) {
        parts.add(one.part);
      }
    }
    return parts;
  }

  private List<Integer> layers(int all) {
    for (int layer : layers) {
      Usage.require(
          layer >= 1 && layer <= all,
          "--layers has " + layer + ", but the model has the layers 1 to " + all);
    }
    return List.copyOf(new TreeSet<>(layers));
  }

  private TextOptions.TokenText document(OpenModel open) {
    TextOptions.TokenText whole;
    if (text.given()) {
      List<TextOptions.TokenText> texts = text.tokens(open, Tokenizer::encode);
      Usage.require(
          texts.size() == 1,
          "diagnose takes one text, found " + texts.size() + "; join them or run it for each");
      whole = texts.getFirst();
    } else {
      whole =
          HeldOutDocument.read(Home.find().heldOutSources())
              .tokens(open.tokenizerElse(TextOptions.INSTEAD));
    }
    int length = whole.ids().length;
    if (length < (tokens == null ? 2 : tokens)) {
      throw new LengthwiseException(
          "%s has %d tokens, fewer than %s; give a longer text"
              .formatted(whole.name(), length, tokens == null ? "2" : "--tokens " + tokens));
    }
    long usual =
        Math.min(MOST_BY_DEFAULT, TRAINED_LENGTHS_BY_DEFAULT * open.shape().trainedLength());
    int read = tokens != null ? tokens : (int) Math.min(length, usual);
    return new TextOptions.TokenText(
        whole.name(), whole.sha256(), Arrays.copyOf(whole.ids(), read));
  }

  private AttentionSummary.Zones zones(long trainedLength) {
    long near = recent != null ? recent : Math.max(1, trainedLength / 4);
    Usage.require(
        near >= 0 && near <= trainedLength,
        "--recent must be from 0 to the trained length, " + trainedLength + ", found " + near);
    return new AttentionSummary.Zones(first, near, trainedLength);
  }

  private Protocol protocol(
      OpenModel open,
      TextOptions.TokenText document,
      AttentionSummary.Zones zones,
      List<Subjects.Entry> entries) {
    Protocol protocol = new Protocol(open, model);
    if (text.ids == null) {
      protocol.withTokenizer(open);
    }
    return protocol
        .withTexts(List.of(document))
        .with("methods", Subjects.effective(entries))
        .with("engine", "torch")
        .with("mode", "scores in double precision")
        .with("length", document.ids().length)
        .with("first_keys", zones.first())
        .with("recent_keys", zones.recent());
  }

  private List<AttentionReport.Entry> entries(
      List<Subjects.Entry> entries, int[] ids, List<Integer> chosen, AttentionSummary.Zones zones) {
    List<AttentionReport.Entry> all = new ArrayList<>();
    try (Progress progress = Progress.standardError(quiet)) {
      for (int index = 0; index < entries.size(); index++) {
        Subjects.Entry entry = entries.get(index);
        progress.start((index + 1) + "/" + entries.size() + " " + entry.label(), ids.length);
        TextDiagnosis.of(
                entry.inference(),
                ids,
                layer -> chosen.isEmpty() || chosen.contains(layer + 1),
                parts(),
                zones)
            .forEach(layer -> all.add(new AttentionReport.Entry(entry.label(), layer)));
        progress.advance(ids.length);
      }
    }
    if (all.isEmpty()) {
      throw new LengthwiseException(
          "None of the chosen layers attends: they are recurrences, which have no scores");
    }
    return all;
  }

  private static List<String> notes(AttentionSummary.Zones zones) {
    return List.of(
        "Scores are those before the softmax, with the scale and the bias of the method; pairs that"
            + " a method does not hold are left out.",
        "First keys: the first "
            + zones.first()
            + " tokens of the text. Recent keys: nearer than "
            + zones.recent()
            + " tokens. Past: at a distance of the trained length or more. A key counts once, as"
            + " the first of these that it is.");
  }

  private void show(AttentionReport result) {
    if (report != null) {
      AttentionPage.write(result, report);
    }
    if (json) {
      System.out.print(AttentionLines.render(result));
    } else {
      System.out.println(result.title());
      System.out.println();
      System.out.print(AttentionTable.render(result));
    }
    if (report != null) {
      System.err.println("Report: " + report);
    }
  }
}
