package dev.lengthwise.experiment;

import dev.lengthwise.bench.Decode;
import dev.lengthwise.bench.InterleavedRounds;
import dev.lengthwise.bench.ModelWork;
import dev.lengthwise.bench.Prefill;
import dev.lengthwise.bench.SyntheticModel;
import dev.lengthwise.bench.SyntheticShape;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.position.PlanFunction;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// How fast a model reads texts and writes behind them under one method, and what it holds of them.
/// Tokens are random, which takes the same time; a text that is written behind is filled in.
///
/// @param subject the model
/// @param variant name of the method for people
/// @param method under which it runs
/// @param amount how much
public record SpeedTrial(Subject subject, String variant, String method, Amount amount)
    implements Trial {

  /// Tokens read in a second.
  public static final String READ = "read_tokens_per_second";

  /// Tokens written in a second.
  public static final String WRITTEN = "written_tokens_per_second";

  private static final double MEBIBYTE = 1 << 20;
  private static final int CHUNK = 512;
  private static final int MOST_TO_WARM_UP = 512;

  // The bundled model; a billion weights take 200 times as long.
  private static final long WEIGHTS_OF_A_FAST_MODEL = 5_000_000;

  /// What runs.
  public sealed interface Subject {

    /// Name for people.
    String name();

    /// A model that exists.
    ///
    /// @param source the model; its text is not read
    record Saved(CheckpointTrial.Source source) implements Subject {

      @Override
      public String name() {
        return source.model();
      }
    }

    /// Random weights of some shape.
    ///
    /// @param shape the sizes
    /// @param type of the projections
    record Random(SyntheticShape shape, WeightType type) implements Subject {

      @Override
      public String name() {
        return shape.name();
      }
    }
  }

  /// How much is read and written.
  ///
  /// @param read lengths of the texts that are read, one or more, ascending
  /// @param depths lengths of the texts that are written behind, likewise
  /// @param steps tokens that are written
  public record Amount(List<Integer> read, List<Integer> depths, int steps) {

    /// Copies the lists.
    public Amount {
      read = List.copyOf(read);
      depths = List.copyOf(depths);
    }
  }

  @Override
  public String name() {
    return (subject.name() + "-" + variant).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    switch (subject) {
      case Subject.Saved(CheckpointTrial.Source source) -> settings.putAll(source.settings());
      case Subject.Random(SyntheticShape shape, WeightType type) -> {
        settings.put("shape", shape.toString());
        settings.put("weights", type.name());
      }
    }
    settings.put("method", method);
    settings.put("read", amount.read());
    settings.put("depths", amount.depths());
    settings.put("steps", amount.steps());
    return settings;
  }

  @Override
  public long cost() {
    long tokens = amount.read().stream().mapToLong(Integer::longValue).sum();
    long weights =
        switch (subject) {
          case Subject.Saved _ -> WEIGHTS_OF_A_FAST_MODEL;
          case Subject.Random(SyntheticShape shape, WeightType _) ->
              (long) shape.hidden() * shape.feedForward() * 4 * shape.layers();
        };
    return tokens * Math.max(1, weights / WEIGHTS_OF_A_FAST_MODEL);
  }

  @Override
  public Optional<String> obstacle(Workshop workshop) {
    return switch (subject) {
      case Subject.Saved(CheckpointTrial.Source source) -> source.obstacle(workshop);
      case Subject.Random _ -> Optional.empty();
    };
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    int longest = Math.max(amount.read().getLast(), amount.depths().getLast() + amount.steps());
    switch (subject) {
      case Subject.Saved(CheckpointTrial.Source source) -> {
        try (TestedModel model = source.openWithoutText(workshop)) {
          measure(model.inference(method, longest), model.protocol(), rows);
        }
      }
      case Subject.Random(SyntheticShape shape, WeightType type) -> {
        try (Arena arena = Arena.ofShared()) {
          Map<String, Object> protocol = workshop.program();
          protocol.put("shape", shape.toString());
          protocol.put("weights", type.name());
          measure(random(shape, type, longest, workshop, arena), protocol, rows);
        }
      }
    }
  }

  private InferenceModel random(
      SyntheticShape shape, WeightType type, long longest, Workshop workshop, Arena arena) {
    MatrixProducts products = new MatrixProducts(workshop.workers());
    Decoder decoder = SyntheticModel.decoder(shape, new Rope(), type, false, products, arena);
    MethodParser parser =
        new MethodParser(decoder.spec().shape(), new Rope(), OptionalLong.of(longest));
    PlanFunction plans = new PlanFunction(decoder.spec().shape(), new Rope(), parser.parse(method));
    return new InferenceModel(decoder, plans, workshop.engine());
  }

  private void measure(InferenceModel inference, Map<String, Object> protocol, Consumer<Row> rows) {
    InterleavedRounds clock = new InterleavedRounds(1, System::nanoTime);
    ModelWork work = new ModelWork(inference);
    warmUp(clock, work);
    for (int tokens : amount.read()) {
      try (Prefill prefill = new Prefill(work, tokens, CHUNK)) {
        double seconds = clock.once(prefill).median();
        rows.accept(row(READ, tokens, tokens / seconds, protocol));
      }
    }
    for (int depth : amount.depths()) {
      try (Decode decode = new Decode(work, depth, 1, amount.steps())) {
        double seconds = clock.once(decode).median();
        rows.accept(row(WRITTEN, depth, amount.steps() / seconds, protocol));
        rows.accept(row(CacheTrial.METRIC, depth, decode.cacheBytes() / MEBIBYTE, protocol));
      }
    }
  }

  // Kernels are interpreted until the virtual machine has compiled them.
  private void warmUp(InterleavedRounds clock, ModelWork work) {
    int tokens = Math.min(MOST_TO_WARM_UP, amount.read().getFirst());
    try (Prefill prefill = new Prefill(work, tokens, CHUNK);
        Decode decode = new Decode(work, tokens, 1, amount.steps())) {
      clock.once(prefill);
      clock.once(decode);
    }
  }

  private Row row(String metric, int length, double value, Map<String, Object> protocol) {
    return new Row(
        subject.name() + ", " + variant, 1, method, metric, length, null, null, value, 1, protocol);
  }
}
