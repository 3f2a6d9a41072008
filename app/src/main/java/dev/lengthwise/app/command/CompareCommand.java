package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.options.Home;
import dev.lengthwise.app.options.Lengths;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.app.options.ResultPlace;
import dev.lengthwise.app.options.TextOptions;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.app.options.WrongUsageException;
import dev.lengthwise.evaluate.Axes;
import dev.lengthwise.evaluate.PasskeyTask;
import dev.lengthwise.evaluate.PerplexityTask;
import dev.lengthwise.evaluate.Task;
import dev.lengthwise.io.FolderLock;
import dev.lengthwise.report.ComparisonReport;
import dev.lengthwise.report.HtmlReport;
import dev.lengthwise.report.JsonLinesReport;
import dev.lengthwise.report.Progress;
import dev.lengthwise.report.TextTable;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `compare`, the main job: one model, one text, many methods; a table, JSON lines and a report.
///
/// From here to the kernel: this class, [dev.lengthwise.evaluate.TokenLosses],
/// [dev.lengthwise.generate.InferenceModel], [dev.lengthwise.attention.vector.VectorAttention].
@Command(
    name = "compare",
    description = "Compares position methods on one model and one text.",
    mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {

  private static final List<Task> TASKS = List.of(new PerplexityTask(), new PasskeyTask());

  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private TextOptions text = new TextOptions();

  @Option(
      names = "--methods",
      paramLabel = "METHODS",
      description =
          "Methods, separated by commas; a comma after a ':' belongs to the method's parameters.")
  private @Nullable String methods;

  @Option(
      names = "--lengths",
      converter = Lengths.Converter.class,
      paramLabel = "N,...",
      description = "Lengths in tokens; default: the trained length times 1, 2, 4, 8 and 16.")
  private @Nullable Lengths lengths;

  @Option(
      names = "--windows",
      paramLabel = "N",
      description = "Windows of the text for each length (default ${DEFAULT-VALUE}).")
  private int windows = 2;

  @Option(
      names = "--last",
      paramLabel = "N",
      description = "Last targets of a window that count (default ${DEFAULT-VALUE}).")
  private int last = 128;

  @Option(
      names = "--depths",
      split = ",",
      paramLabel = "D",
      description = "Depths of the passkey, 0 to 1 (default 0.1,0.5,0.9).")
  private List<Double> depths = new ArrayList<>(List.of(0.1, 0.5, 0.9));

  @Option(
      names = "--trials",
      paramLabel = "N",
      description = "Passkeys for each length and depth; 0: none (default ${DEFAULT-VALUE}).")
  private int trials = 1;

  @Option(names = "--seed", paramLabel = "N", description = "Default ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of results.jsonl and report.html (default ${DEFAULT-VALUE}).")
  private Path out = Path.of("out", "compare");

  @Option(names = "--report", paramLabel = "FILE", description = "The report, elsewhere.")
  private @Nullable Path reportFile;

  @Option(names = "--json", description = "JSON lines on standard output in place of the table.")
  private boolean json;

  @Option(names = "--quiet", description = "No progress.")
  private boolean quiet;

  @Option(
      names = "--beside",
      split = ",",
      paramLabel = "MODEL",
      description = "Other models with the same tokenizer, each under its own method.")
  private List<String> beside = new ArrayList<>();

  @Override
  public Integer call() {
    Usage.require(trials >= 0, "--trials must be 0 or more, found " + trials);
    text.requireApart(reportFile);
    List<OpenModel> others = new ArrayList<>();
    try (OpenModel open = model.open()) {
      open.requireCausal();
      Usage.require(
          Set.copyOf(beside).size() == beside.size(), "--beside has a model twice; give it once");
      for (String name : beside) {
        others.add(model.of(name).open());
        others.getLast().requireCausal();
      }
      Usage.require(
          others.stream().map(OpenModel::name).distinct().count() == others.size(),
          "--beside has two models of one name, which rows could not tell apart; rename a folder");
      Lengths wanted = lengths(open);
      TextOptions.TokenText document = document(open);
      Axes axes = Usage.checked(() -> axes(wanted, document));
      List<Subjects.Entry> entries =
          new ArrayList<>(Subjects.of(open, names(open), axes.longest()));
      others.forEach(other -> entries.add(Subjects.beside(open, other, axes.longest())));
      Protocol protocol = protocol(open, document, axes, entries);
      ComparisonResults comparison = new ComparisonResults(open.shape(), axes, protocol.entries());
      prepareOutput();
      try (FolderLock _ = FolderLock.of(out)) {
        run(open, entries, axes, comparison);
        show(comparison.report());
      }
      return 0;
    } finally {
      others.forEach(OpenModel::close);
    }
  }

  private Lengths lengths(OpenModel open) {
    return lengths != null
        ? lengths
        : Lengths.multiples(open.shape().trainedLength(), 1, 2, 4, 8, 16);
  }

  private Axes axes(Lengths wanted, TextOptions.TokenText document) {
    return new Axes(
        wanted.tokens(), depths, Math.max(1, trials), document.ids(), windows, last, seed);
  }

  private TextOptions.TokenText document(OpenModel open) {
    if (!text.given()) {
      return HeldOutDocument.read(Home.find().heldOutSources())
          .tokens(open.tokenizerElse(TextOptions.INSTEAD));
    }
    List<TextOptions.TokenText> texts = text.tokens(open, Tokenizer::encode);
    if (texts.size() > 1) {
      throw new WrongUsageException(
          "compare takes one text, found " + texts.size() + "; join them or run it for each");
    }
    return texts.getFirst();
  }

  private List<String> names(OpenModel open) {
    return methods == null ? DefaultMethods.of(open.shape()) : split(methods);
  }

  // "a:x=1,y=2,b" → "a:x=1,y=2", "b": a part with '=' and no ':' before it belongs to the last.
  static List<String> split(String list) {
    List<String> names = new ArrayList<>();
    for (String part : list.split(",", -1)) {
      int equals = part.indexOf('=');
      int colon = part.indexOf(':');
      boolean parameter = equals >= 0 && (colon < 0 || colon > equals);
      if (parameter && !names.isEmpty()) {
        names.add(names.removeLast() + "," + part);
      } else if (part.isBlank()) {
        throw new WrongUsageException("--methods '" + list + "' has an empty name");
      } else {
        names.add(part.strip());
      }
    }
    return names;
  }

  private Protocol protocol(
      OpenModel open, TextOptions.TokenText document, Axes axes, List<Subjects.Entry> entries) {
    Protocol protocol = new Protocol(open, model);
    if (text.ids == null || trials > 0) {
      open.tokenizerElse(
          text.ids == null ? TextOptions.INSTEAD : "leave passkeys out with --trials 0");
      protocol.withTokenizer(open);
    }
    return protocol
        .withTexts(List.of(document))
        .with("methods", Subjects.effective(entries))
        .with("beside", Subjects.files(entries, open))
        .with("lengths", axes.lengths())
        .with("mode", "same last targets")
        .with("windows", axes.windows())
        .with("last_targets", axes.scored())
        .with("truncation", "none")
        .with("passkey_template", "landmark")
        .with("passkey_trials", trials)
        .with("passkey_depths", axes.depths())
        .with("seed", seed);
  }

  private void run(
      OpenModel open, List<Subjects.Entry> entries, Axes axes, ComparisonResults comparison) {
    Map<Task, Axes> tasks = tasks(open, axes, comparison);
    long cost = tasks.entrySet().stream().mapToLong(e -> e.getKey().cost(e.getValue())).sum();
    try (Progress progress = Progress.standardError(quiet)) {
      Subjects.warmUp(entries.getFirst().inference(), axes, model.batch);
      for (int index = 0; index < entries.size(); index++) {
        Subjects.Entry entry = entries.get(index);
        progress.start((index + 1) + "/" + entries.size() + " " + entry.label(), cost);
        Counter counter = new Counter(progress);
        tasks.forEach(
            (task, own) ->
                task.run(
                    entry.open().subject(entry.inference(), model.batch),
                    own,
                    measurement -> comparison.add(entry.label(), measurement),
                    counter::advance));
        // After every method, so that an interrupted run leaves what it has measured.
        write(comparison.report());
      }
    }
  }

  // The tasks with what they measure: a passkey only where its prompt fits.
  private Map<Task, Axes> tasks(OpenModel open, Axes axes, ComparisonResults comparison) {
    Map<Task, Axes> tasks = new LinkedHashMap<>();
    for (Task task : TASKS) {
      if (!(task instanceof PasskeyTask passkey)) {
        tasks.put(task, axes);
      } else if (trials > 0) {
        List<Integer> fitting =
            axes.lengths().stream()
                .filter(length -> passkey.fits(open.tokenizer(), axes, length))
                .toList();
        if (fitting.size() < axes.lengths().size()) {
          List<Integer> skipped = new ArrayList<>(axes.lengths());
          skipped.removeAll(fitting);
          String note = "No passkey at " + skipped + " tokens: its prompt alone is longer.";
          comparison.note(note);
          System.err.println(note);
        }
        if (!fitting.isEmpty()) {
          tasks.put(task, axes.withLengths(fitting));
        }
      }
    }
    return tasks;
  }

  // After all that can be wrong otherwise, so that nothing is left; before anything is measured.
  private void prepareOutput() {
    List<Path> files = List.of(out.resolve("results.jsonl"), html());
    files.forEach(file -> require(!Files.isDirectory(file), file));
    for (Path file : files) {
      Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
      ResultPlace.make(folder);
      require(Files.isWritable(folder), file);
    }
  }

  private static void require(boolean writable, Path file) {
    if (!writable) {
      throw new LengthwiseException("Cannot write the results to " + file + "; name another one");
    }
  }

  private void write(ComparisonReport report) {
    JsonLinesReport.write(report, out.resolve("results.jsonl"));
    HtmlReport.write(report, html());
  }

  private Path html() {
    return reportFile == null ? out.resolve("report.html") : reportFile;
  }

  private void show(ComparisonReport report) {
    if (json) {
      System.out.print(JsonLinesReport.render(report));
    } else {
      System.out.println(report.headline());
      System.out.println();
      System.out.print(TextTable.render(report));
    }
    System.err.println("Results: " + out.resolve("results.jsonl") + ", report: " + html());
  }

  /// Sums what tasks report into what the progress display wants.
  private static final class Counter {
    private final Progress progress;
    private long done;

    Counter(Progress progress) {
      this.progress = progress;
    }

    void advance(long tokens) {
      done += tokens;
      progress.advance(done);
    }
  }
}
