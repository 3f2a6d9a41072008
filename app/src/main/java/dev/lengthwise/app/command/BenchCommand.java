package dev.lengthwise.app.command;

import dev.lengthwise.app.options.ByteSize;
import dev.lengthwise.app.options.Counts;
import dev.lengthwise.app.options.Home;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.app.options.ResultPlace;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.bench.InterleavedRounds;
import dev.lengthwise.bench.SyntheticModel;
import dev.lengthwise.bench.SyntheticShape;
import dev.lengthwise.bench.Timing;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.parallel.ProcessMemory;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.report.Progress;
import dev.lengthwise.report.SpeedLines;
import dev.lengthwise.report.SpeedPage;
import dev.lengthwise.report.SpeedReport;
import dev.lengthwise.report.SpeedTable;
import dev.lengthwise.runtime.ModelSettings;
import dev.lengthwise.train.SyntheticTraining;
import dev.lengthwise.train.TrainConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `bench`: how fast a model reads and writes, by length and depth, beside the machine's limits.
@Command(
    name = "bench",
    description =
        "Measures the speed of reading, writing and training, of a model or of random weights.",
    mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {

  /// Rows of the default run of `--attention`: plain attention stands at every length that another
  /// method is compared with it at.
  private static final List<AttentionRow> ATTENTION_ROWS =
      List.of(
          new AttentionRow("rope", 4096),
          new AttentionRow("lm-infinite:local=1024", 4096),
          new AttentionRow("lm-infinite:local=1024", 32_768),
          new AttentionRow("rope", 8192),
          new AttentionRow("rerope:window=512", 8192),
          new AttentionRow("self-extend:group=8,window=512", 8192),
          new AttentionRow("dual-chunk:chunk=1536,local=512", 8192));

  /// Of each thread in a training step.
  private static final int MICRO_BATCHES = 2;

  /// Type of random weights, where none is named.
  private static final String WEIGHTS = "bf16";

  private record AttentionRow(String method, int length) {}

  @Mixin private ModelOptions model = ModelOptions.forTexts();

  @Option(
      names = "--shape",
      paramLabel = "SHAPE",
      description =
          "Random weights in place of a model: llama-1b, llama-110m, llama-15m, llama-10m, or"
              + " dim=…,layers=…,heads=…,kv-heads=…,ffn=…,vocab=….")
  private @Nullable String shape;

  @Option(
      names = "--weights",
      paramLabel = "TYPE",
      description = "With --shape: type of the weights (default " + WEIGHTS + ").")
  private @Nullable String weights;

  @Option(
      names = "--attention",
      description =
          "Attention alone: 32 heads of 64 channels; --methods, --prefill and --batch-size apply.")
  private boolean attention;

  @Option(
      names = "--train",
      arity = "0..1",
      fallbackValue = "256",
      converter = Counts.Converter.class,
      paramLabel = "N,...",
      description =
          "Training steps on windows of N tokens (256 without N), of a new model of --shape"
              + " (llama-10m without one), beside the limit of bf16 products. --methods, --dtype,"
              + " --threads and --sequences apply.")
  private @Nullable Counts train;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      description =
          "With --train: windows of a micro-batch (default ${DEFAULT-VALUE}); a step has two"
              + " micro-batches for each thread.")
  private int sequences = 16;

  @Option(
      names = "--gradient-checkpointing",
      description = "With --train: compute layers again in the backward pass.")
  private boolean gradientCheckpointing;

  @Option(
      names = "--prefill",
      converter = Counts.Converter.class,
      paramLabel = "N,...",
      description = "Lengths of texts to read; 0: none (default 512).")
  private @Nullable Counts prefill;

  @Option(
      names = "--decode-depths",
      converter = Counts.Converter.class,
      paramLabel = "N,...",
      description = "Numbers of tokens after which to write (default 0).")
  private @Nullable Counts depths;

  @Option(
      names = "--texts",
      converter = Counts.Converter.class,
      paramLabel = "N,...",
      description = "Numbers of texts to write at once (default 1).")
  private @Nullable Counts texts;

  @Option(
      names = {"-n", "--predict"},
      paramLabel = "N",
      description = "Tokens to write at each depth; 0: none (default ${DEFAULT-VALUE}).")
  private int steps = 32;

  @Option(
      names = "--methods",
      paramLabel = "METHODS",
      description = "Position methods, separated by commas; default: what the model declares.")
  private @Nullable String methods;

  @Option(
      names = "--repetitions",
      paramLabel = "N",
      description =
          "Runs of each row, in turns, after one that does not count"
              + " (default ${DEFAULT-VALUE}).")
  private int repetitions = 5;

  @Option(
      names = "--roofline",
      description = "Measure the limits of the machine in the same turns, and the shares of them.")
  private boolean roofline;

  @Option(
      names = "--beside-llama-cpp",
      paramLabel = "BINARY",
      description =
          "An installed llama-bench, which measures every row as well, in the same turns, with the"
              + " same GGUF file and number of threads.")
  private @Nullable Path besideLlama;

  @Option(names = "--json", description = "JSON lines on standard output in place of the table.")
  private boolean json;

  @Option(names = "--report", paramLabel = "FILE", description = "A page with charts.")
  private @Nullable Path report;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of bench.jsonl and bench.html; default: none is written.")
  private @Nullable Path out;

  @Option(names = "--quiet", description = "No progress.")
  private boolean quiet;

  @Override
  public Integer call() {
    check();
    prepareOutput();
    LlamaBench llama = llamaBench();
    try (BenchSubject subject = subject();
        BenchPlan plan = new BenchPlan(subject, memory(), llama);
        Progress progress = Progress.standardError(quiet)) {
      fill(plan);
      Usage.require(!plan.entries().isEmpty(), "There is nothing to measure; give --prefill or -n");
      show(report(subject, measure(plan, progress)));
      return 0;
    }
  }

  // Before anything is measured.
  private void prepareOutput() {
    if (out != null) {
      ResultPlace.make(out);
    }
    if (report != null) {
      ResultPlace.makeFor(report);
    }
  }

  private BenchRows measure(BenchPlan plan, Progress progress) {
    InterleavedRounds rounds = new InterleavedRounds(repetitions, System::nanoTime);
    List<Timing> timings = new ArrayList<>();
    plan.firstEntry().ifPresent(first -> timings.add(rounds.once(first.benchmark())));
    progress.start("bench", (repetitions + 1L) * plan.entries().size());
    timings.addAll(
        rounds.measure(
            plan.entries().stream().map(BenchPlan.Entry::benchmark).toList(), progress::advance));
    return new BenchRows(plan.all(), timings);
  }

  private @Nullable LlamaBench llamaBench() {
    if (besideLlama == null) {
      return null;
    }
    Usage.require(
        shape == null && model.model.endsWith(".gguf"),
        "--beside-llama-cpp needs a GGUF file (-m), which is all that llama.cpp reads");
    Path file = model.path();
    String cache = model.cacheType == CacheType.Q8_0 ? "q8_0" : "f16";
    LlamaBench llama = new LlamaBench(besideLlama, file, model.threads(), cache);
    llama.check();
    return llama;
  }

  private void check() {
    Usage.positive(repetitions, "--repetitions");
    Usage.require(steps >= 0, "-n must be 0 or more, found " + steps);
    Usage.positive(model.batch, "--batch-size");
    Usage.positive(sequences, "--sequences");
    boolean named = !model.model.equals(Home.BUNDLED_MODEL);
    Usage.require(!named || shape == null, "--model and --shape exclude each other");
    Usage.require(
        weights == null || shape != null, "--weights is for --shape; a model has its own types");
    Usage.require(
        !attention || (!named && shape == null && depths == null),
        "--attention has no model: it excludes --model, --shape and --decode-depths");
    Usage.require(
        train == null || (!named && !attention && prefill == null && depths == null && !roofline),
        "--train excludes --model, --attention, --prefill, --decode-depths and --roofline");
    Usage.require(
        train == null || !train.numbers().contains(0), "--train needs windows of 1 token or more");
    Usage.require(
        texts == null || (train == null && !attention),
        "--texts counts texts that are written; --train and --attention write none");
    Usage.require(
        texts == null || (steps > 0 && !texts.numbers().contains(0)),
        "--texts counts texts that are written: each number must be 1 or more, and so must -n");
    Usage.require(
        model.activations == null || (train == null && !attention),
        "--activations is for products with weights of a model that writes; --train and --attention"
            + " have none");
    Usage.require(
        besideLlama == null || (train == null && !attention),
        "--beside-llama-cpp has nothing to compare with --train and --attention");
  }

  // That of a GPU is not known.
  private long memory() {
    return model.device.isCuda() ? Long.MAX_VALUE : ByteSize.ofMachine();
  }

  private BenchSubject subject() {
    if (attention) {
      return BenchSubject.attentionAlone(model);
    }
    if (train != null) {
      return BenchSubject.trained(trainedShape(), model);
    }
    if (shape == null) {
      return BenchSubject.file(model);
    }
    String text = shape;
    SyntheticShape parsed = Usage.checked(() -> SyntheticShape.parse(text));
    String type = weights == null ? WEIGHTS : weights;
    Usage.checked(() -> SyntheticModel.weightType(type));
    return BenchSubject.synthetic(parsed, type, model);
  }

  private SyntheticShape trainedShape() {
    String text = shape == null ? "llama-10m" : shape;
    return Usage.checked(() -> SyntheticShape.parse(text));
  }

  private void training(BenchPlan plan, List<Integer> lengths) {
    model.device.require();
    plan.linear();
    int parts = MICRO_BATCHES * model.threads();
    TrainConfig.Batch batch = new TrainConfig.Batch(sequences, parts, gradientCheckpointing);
    for (String text : methods("rope")) {
      for (int length : lengths) {
        ModelSpec plain = trainedShape().spec(new Rope(), length);
        PositionMethod method = new MethodParser(plain.shape(), new Rope()).parse(text);
        plan.training(
            text,
            trainedShape().spec(method, length).withHead(Head.plain(true)),
            new SyntheticTraining.Size(length, batch, model.threads(), model.device),
            model.dtype != ModelSettings.Arithmetic.F32);
      }
    }
  }

  private void fill(BenchPlan plan) {
    if (train != null) {
      training(plan, train.positive());
      return;
    }
    if (roofline) {
      plan.limits();
    }
    List<Integer> lengths = prefill == null ? List.of(512) : prefill.positive();
    if (attention) {
      attention(plan, lengths);
      return;
    }
    if (roofline) {
      plan.products(lengths, model.batch);
    }
    if (steps > 0) {
      plan.first(methods("declared").getFirst());
    }
    for (String method : methods("declared")) {
      plan.prefill(method, lengths, model.batch);
      if (steps > 0) {
        plan.decode(
            method,
            depths == null ? List.of(0) : depths.numbers(),
            texts == null ? List.of(1) : texts.positive(),
            steps);
      }
    }
  }

  private void attention(BenchPlan plan, List<Integer> lengths) {
    if (prefill == null && methods == null) {
      ATTENTION_ROWS.forEach(row -> plan.attention(row.method(), row.length(), model.batch));
      return;
    }
    for (String method : methods("rope")) {
      lengths.forEach(length -> plan.attention(method, length, model.batch));
    }
  }

  private List<String> methods(String ifNone) {
    return methods == null ? List.of(ifNone) : CompareCommand.split(methods);
  }

  private SpeedReport report(BenchSubject subject, BenchRows rows) {
    Protocol protocol = subject.protocol().with("repetitions", repetitions).with("steps", steps);
    Machine.entries().forEach(protocol::with);
    OptionalLong peak = ProcessMemory.peakResident();
    return new SpeedReport(
        protocol.entries().get("model") + ", " + model.threads() + " threads",
        rows.rows(),
        peak.isPresent() ? peak.getAsLong() / (1 << 20) + " MiB" : "unknown",
        protocol
            .with("peak_resident_bytes", peak.isPresent() ? peak.getAsLong() : "unknown")
            .entries());
  }

  private void show(SpeedReport measured) {
    if (out != null) {
      write(out.resolve("bench.jsonl"), SpeedLines.render(measured));
      write(out.resolve("bench.html"), SpeedPage.render(measured));
    }
    if (report != null) {
      write(report, SpeedPage.render(measured));
    }
    System.out.print(json ? SpeedLines.render(measured) : SpeedTable.render(measured));
  }

  private static void write(Path file, String text) {
    AtomicFile.writeText(file, writer -> writer.write(text));
    System.err.println("Written: " + file);
  }
}
