package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.options.Lengths;
import dev.lengthwise.app.options.MethodOptions;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.app.options.TextOptions;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.evaluate.Axes;
import dev.lengthwise.evaluate.Measurement;
import dev.lengthwise.evaluate.PerplexityTask;
import dev.lengthwise.evaluate.SlidingPerplexity;
import dev.lengthwise.evaluate.TokenLosses;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.report.Progress;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `perplexity`: loss of a text by position and by length.
@Command(
    name = "perplexity",
    description = "Measures the loss of a text by position, by length, or with a sliding window.",
    mixinStandardHelpOptions = true)
public final class PerplexityCommand implements Callable<Integer> {

  private static final int DEFAULT_TARGETS = 128;
  private static final int DEFAULT_WINDOWS = 4;

  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private MethodOptions method = new MethodOptions();
  @Mixin private TextOptions text = new TextOptions();

  @Option(
      names = {"-c", "--ctx-size"},
      paramLabel = "N",
      description =
          "Most tokens of a text, longer ones are refused; with --stride, the size of the window.")
  private @Nullable Integer contextSize;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description = "Sliding window of --ctx-size tokens that scores the last N of each step.")
  private @Nullable Integer stride;

  @Option(
      names = "--lengths",
      converter = Lengths.Converter.class,
      paramLabel = "N,...",
      description = "Context lengths that all score the same last targets.")
  private @Nullable Lengths lengths;

  @Option(
      names = "--last",
      paramLabel = "N",
      description = "With --lengths: number of last targets (default 128).")
  private @Nullable Integer last;

  @Option(
      names = "--windows",
      paramLabel = "N",
      description = "With --lengths: windows of the text (default 4).")
  private @Nullable Integer windows;

  @Option(names = "--json", description = "JSON lines on standard output.")
  private boolean json;

  @Option(names = "--per-token", description = "With --json: the loss of every token.")
  private boolean perToken;

  @Option(names = "--quiet", description = "No progress.")
  private boolean quiet;

  @Override
  public Integer call() {
    checkOptions();
    try (OpenModel open = model.open();
        Progress progress = Progress.standardError(quiet)) {
      open.requireCausal();
      List<TextOptions.TokenText> texts = scored(text.tokens(open, Tokenizer::encodeWhole));
      Protocol protocol = new Protocol(open, model).withTexts(texts);
      if (text.ids == null || texts.size() > 1) {
        protocol.withTokenizer(open);
      }
      for (TextOptions.TokenText one : texts) {
        if (lengths != null) {
          byLength(open, one, lengths.tokens(), protocol, progress);
        } else if (stride != null) {
          sliding(open, one, protocol, progress);
        } else {
          whole(open, one, protocol);
        }
      }
      return 0;
    }
  }

  // What has no next token to predict is counted, so that it does not end a run of many documents.
  private List<TextOptions.TokenText> scored(List<TextOptions.TokenText> texts) {
    Map<Boolean, List<TextOptions.TokenText>> parts =
        texts.stream().collect(Collectors.partitioningBy(one -> TokenLosses.haveTarget(one.ids())));
    List<TextOptions.TokenText> tooShort = parts.getOrDefault(false, List.of());
    if (parts.getOrDefault(true, List.of()).isEmpty()) {
      TokenLosses.requireTarget(tooShort.getFirst().name(), tooShort.getFirst().ids());
    }
    if (!tooShort.isEmpty()) {
      System.err.println(
          "%d of %d documents have no next token to predict and are left out: %s"
              .formatted(
                  tooShort.size(),
                  texts.size(),
                  tooShort.stream()
                      .limit(5)
                      .map(TextOptions.TokenText::name)
                      .collect(Collectors.joining(", ", "", tooShort.size() > 5 ? " …" : ""))));
    }
    return parts.getOrDefault(true, List.of());
  }

  private void checkOptions() {
    Usage.require(text.given(), "perplexity needs a text; give one with -f, -p or --ids");
    Usage.require(lengths == null || stride == null, "--lengths and --stride exclude each other");
    Usage.require(
        lengths == null || contextSize == null, "--lengths and --ctx-size exclude each other");
    Usage.require(
        !perToken || (json && lengths == null && stride == null),
        "--per-token goes with --json, and without --lengths and --stride");
    Usage.require(
        lengths != null || (last == null && windows == null),
        "--last and --windows go with --lengths");
    if (contextSize != null) {
      Usage.positive(contextSize, "--ctx-size");
    }
    if (stride != null) {
      Usage.positive(stride, "--stride");
    }
  }

  private void whole(OpenModel open, TextOptions.TokenText one, Protocol protocol) {
    int[] ids = one.ids();
    if (contextSize != null && ids.length > contextSize) {
      throw new LengthwiseException(
          one.name()
              + " has "
              + ids.length
              + " tokens, more than --ctx-size "
              + contextSize
              + "; raise it, or measure by windows with --stride or --lengths");
    }
    InferenceModel inference = open.inference(method.text(), OptionalLong.of(ids.length));
    double[] losses = TokenLosses.of(inference, ids, model.batch, 0);
    protocol
        .with("method", inference.plans().chosen().name())
        .with("mode", "whole text")
        .with("text", one.name())
        .with("length", ids.length)
        .with("truncation", "none")
        .with("tokens_scored", losses.length);
    double mean = TokenLosses.mean(losses, 0, losses.length);
    if (json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("protocol", protocol.entries());
      if (perToken) {
        result.put("nll", losses);
      } else {
        result.put("loss", mean);
        result.put("perplexity", Math.exp(mean));
        result.put("buckets", buckets(losses, open.shape().trainedLength()));
      }
      JsonOutput.print(result);
      return;
    }
    System.out.printf(
        Locale.ROOT,
        "%s  %s  %d tokens scored  loss %.4f nats  perplexity %.4f%s%n",
        one.name(),
        inference.plans().chosen().name(),
        losses.length,
        mean,
        Math.exp(mean),
        bitsPerByte(open, ids, mean));
    buckets(losses, open.shape().trainedLength())
        .forEach(
            bucket ->
                System.out.printf(
                    Locale.ROOT,
                    "  tokens %7d … %7d  loss %.4f  perplexity %.4f%n",
                    bucket.from(),
                    bucket.until() - 1,
                    bucket.loss(),
                    Math.exp(bucket.loss())));
  }

  // Nothing where ids came without a tokenizer.
  private String bitsPerByte(OpenModel open, int[] ids, double mean) {
    if (text.ids != null) {
      return "";
    }
    byte[] scored =
        open.tokenizer()
            .decode(Arrays.copyOfRange(ids, 1, ids.length))
            .getBytes(StandardCharsets.UTF_8);
    double bits = mean * (ids.length - 1) / Math.log(2) / Math.max(1, scored.length);
    return String.format(Locale.ROOT, "  %.4f bits per byte", bits);
  }

  /// The mean loss of tokens `[from, until)`.
  private record Bucket(int from, int until, double loss) {}

  // Means over buckets of the trained length.
  private static List<Bucket> buckets(double[] losses, long trainedLength) {
    List<Bucket> buckets = new ArrayList<>();
    int size = Math.clamp(trainedLength, 1, Integer.MAX_VALUE);
    for (long from = 0; from < losses.length; from += size) {
      int until = (int) Math.min(losses.length, from + size);
      buckets.add(new Bucket((int) from, until, TokenLosses.mean(losses, (int) from, until)));
    }
    return buckets;
  }

  private void sliding(
      OpenModel open, TextOptions.TokenText one, Protocol protocol, Progress progress) {
    int window =
        contextSize == null
            ? Math.toIntExact(Math.min(open.shape().trainedLength(), one.ids().length))
            : contextSize;
    InferenceModel inference = open.inference(method.text(), OptionalLong.of(window));
    progress.start("perplexity", one.ids().length);
    SlidingPerplexity.Result result =
        Usage.checked(() -> new SlidingPerplexity(window, stride == null ? window : stride))
            .measure(inference, one.ids(), model.batch, progress::advance);
    protocol
        .with("method", inference.plans().chosen().name())
        .with("mode", "sliding window")
        .with("text", one.name())
        .with("length", window)
        .with("stride", stride == null ? window : stride)
        .with("truncation", "none")
        .with("tokens_scored", result.tokensScored());
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("protocol", protocol.entries());
      line.put("loss", result.loss());
      line.put("perplexity", Math.exp(result.loss()));
      JsonOutput.print(line);
    } else {
      System.out.printf(
          Locale.ROOT,
          "%s  %s  window %d  stride %d  %d tokens scored  loss %.4f nats  perplexity %.4f%n",
          one.name(),
          inference.plans().chosen().name(),
          window,
          stride,
          result.tokensScored(),
          result.loss(),
          Math.exp(result.loss()));
    }
  }

  private void byLength(
      OpenModel open,
      TextOptions.TokenText one,
      List<Integer> wanted,
      Protocol protocol,
      Progress progress) {
    int parts = windows == null ? DEFAULT_WINDOWS : windows;
    int targets = last == null ? DEFAULT_TARGETS : last;
    Axes axes = Usage.checked(() -> new Axes(wanted, List.of(), 1, one.ids(), parts, targets, 0));
    InferenceModel inference = open.inference(method.text(), OptionalLong.of(axes.longest()));
    PerplexityTask task = new PerplexityTask();
    progress.start("perplexity", task.cost(axes));
    List<Measurement> measured = new ArrayList<>();
    task.run(open.subject(inference, model.batch), axes, measured::add, progress::advance);
    protocol
        .with("method", inference.plans().chosen().name())
        .with("mode", "same last targets")
        .with("text", one.name())
        .with("lengths", wanted)
        .with("windows", parts)
        .with("last_targets", targets)
        .with("truncation", "none");
    for (Measurement one1 : measured) {
      switch (one1.metric()) {
        case LOSS -> printLength(one1, inference, protocol);
        default -> {}
      }
    }
  }

  private void printLength(Measurement measurement, InferenceModel inference, Protocol protocol) {
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("protocol", protocol.with("tokens_scored", measurement.count()).entries());
      line.put("length", measurement.length());
      line.put("loss", measurement.value());
      line.put("perplexity", Math.exp(measurement.value()));
      JsonOutput.print(line);
    } else {
      System.out.printf(
          Locale.ROOT,
          "%s  length %6d  %d targets  loss %.4f nats  perplexity %.4f%n",
          inference.plans().chosen().name(),
          measurement.length(),
          measurement.count(),
          measurement.value(),
          Math.exp(measurement.value()));
    }
  }
}
