package dev.lengthwise.experiment;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.evaluate.Axes;
import dev.lengthwise.evaluate.Measurement;
import dev.lengthwise.evaluate.Measurement.Metric;
import dev.lengthwise.evaluate.PasskeyTask;
import dev.lengthwise.evaluate.Subject;
import dev.lengthwise.evaluate.Task;
import dev.lengthwise.family.LoadedModel;
import dev.lengthwise.family.ModelLoader;
import dev.lengthwise.family.Precision;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.io.Sha256;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A saved model that is measured under several methods on one text.
public final class TestedModel implements AutoCloseable {

  private static final int CHUNK = 512;

  private final LoadedModel loaded;
  private final PositionMethod declared;
  private final Tokenizer tokenizer;
  private final Workshop workshop;
  private final int[] document;
  private final Map<String, Object> protocol;

  /// What rows say besides what is measured.
  ///
  /// @param variant what was trained, or which model was taken
  /// @param seed of the training and of all measurements
  /// @param parameter the number that the experiment varies, if it is one
  public record Label(String variant, long seed, @Nullable Double parameter) {}

  /// Opens a model file or folder.
  ///
  /// @param trainedWith the method that it was trained with; `declared` for what the file says
  TestedModel(Workshop workshop, Path path, String trainedWith, NamedText text) {
    this.workshop = workshop;
    loaded = ModelLoader.load(path, OpenModel::declared, Precision.F32, workshop.workers());
    declared = parser(loaded.spec().declared(), OptionalLong.empty()).parse(trainedWith);
    tokenizer = TokenizerFinder.of(loaded);
    document = tokenizer.encode(text.content());
    protocol = workshop.program();
    protocol.put("model", loaded.name());
    protocol.put("model_sha256", loaded.sha256());
    protocol.put("family", loaded.spec().family());
    protocol.put("trained_length", loaded.spec().shape().trainedLength());
    protocol.put("trained_with", declared.name());
    protocol.put("tokenizer_sha256", tokenizer.sha256());
    protocol.put("text", text.name());
    protocol.put("text_sha256", Sha256.of(text.content().getBytes(StandardCharsets.UTF_8)));
    protocol.put("dtype", "f32");
    protocol.put("cache_type", "f32");
    Attention engine = workshop.engine();
    boolean runs = InferenceModel.engineFor(loaded.spec(), engine) == engine;
    protocol.put("engine", runs ? "vector" : "torch");
  }

  private MethodParser parser(PositionMethod base, OptionalLong target) {
    return new MethodParser(loaded.spec().shape(), base, target);
  }

  /// What is said of every measurement.
  Map<String, Object> protocol() {
    return new LinkedHashMap<>(protocol);
  }

  /// The model under a method.
  ///
  /// @param longest tokens of the longest text
  InferenceModel inference(String methodText, long longest) {
    PositionMethod chosen = parser(declared, OptionalLong.of(longest)).parse(methodText);
    PlanFunction plans = new PlanFunction(loaded.spec().shape(), declared, chosen);
    return new InferenceModel(loaded.decoder(), plans, workshop.engine());
  }

  /// The begin of the text.
  int[] firstTokens(int count) {
    return Arrays.copyOf(document, Math.min(count, document.length));
  }

  /// The tokens of another text.
  int[] tokens(String text) {
    return tokenizer.encode(text);
  }

  /// Pieces of the text, evenly spread over it.
  List<int[]> pieces(int count, int tokens) {
    if (document.length < tokens) {
      throw new LengthwiseException(
          "The text has %d tokens, fewer than the %d of a piece"
              .formatted(document.length, tokens));
    }
    List<int[]> pieces = new ArrayList<>();
    for (int piece = 0; piece < count; piece++) {
      int from = (int) ((long) (document.length - tokens) * piece / Math.max(1, count - 1));
      pieces.add(Arrays.copyOfRange(document, from, from + tokens));
    }
    return pieces;
  }

  /// Measures the model under one method.
  void measure(Label label, String methodText, Suite suite, Consumer<Row> rows) {
    Axes axes = suite.axes(document, label.seed());
    InferenceModel inference = inference(methodText, axes.longest());
    Subject subject = new Subject(inference, () -> tokenizer, CHUNK);
    Map<String, Object> how = protocol();
    how.put("effective_method", inference.plans().chosen().name());
    how.putAll(suite.settings());
    for (Task task : suite.tasks()) {
      List<Measurement> measured = new ArrayList<>();
      Axes own = fitting(task, axes);
      if (!own.lengths().isEmpty()) {
        task.run(subject, own, measured::add, _ -> {});
      }
      for (Measurement one : Positions.summarised(measured)) {
        rows.accept(row(label, methodText, one, how));
      }
      for (Positions.Milestone one : Positions.milestones(measured, suite)) {
        rows.accept(row(label, methodText, one, how));
      }
      speed(measured).forEach(one -> rows.accept(speedRow(label, methodText, one, suite, how)));
    }
  }

  // A passkey prompt has a least length of its own.
  private Axes fitting(Task task, Axes axes) {
    return task instanceof PasskeyTask passkey
        ? axes.withLengths(
            axes.lengths().stream()
                .filter(length -> passkey.fits(tokenizer, axes, length))
                .toList())
        : axes;
  }

  private static Row row(Label label, String method, Measurement one, Map<String, Object> how) {
    return new Row(
        label.variant(),
        label.seed(),
        method,
        one.metric().name().toLowerCase(Locale.ROOT),
        one.length(),
        label.parameter(),
        Double.isNaN(one.depth()) ? null : one.depth(),
        one.value(),
        one.count(),
        how);
  }

  private static Row row(
      Label label, String method, Positions.Milestone one, Map<String, Object> how) {
    return new Row(
        label.variant(),
        label.seed(),
        method,
        one.name(),
        one.length(),
        label.parameter(),
        null,
        one.value(),
        one.count(),
        how);
  }

  private static List<Measurement> speed(List<Measurement> measured) {
    return measured.stream()
        .filter(one -> one.metric() == Metric.LOSS && one.seconds() > 0)
        .toList();
  }

  private static Row speedRow(
      Label label, String method, Measurement one, Suite suite, Map<String, Object> how) {
    double tokens =
        (double) one.count() / Math.min(suite.scored(), one.length() - 1) * one.length();
    return new Row(
        label.variant(),
        label.seed(),
        method,
        "tokens_per_second",
        one.length(),
        label.parameter(),
        null,
        tokens / one.seconds(),
        1,
        how);
  }

  @Override
  public void close() {
    loaded.close();
  }
}
