package dev.lengthwise.experiment;

import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The bytes of keys and values that a model holds after texts of some lengths. Nothing is read:
/// keys and values are random, which takes the same room.
///
/// @param source the model and the text
/// @param methods under which it is looked at, by the name of the variant
/// @param lengths tokens of the texts
public record CacheTrial(
    CheckpointTrial.Source source, Map<String, String> methods, List<Integer> lengths)
    implements Trial {

  /// Bytes of keys and values, in MiB.
  public static final String METRIC = "cache_mebibytes";

  private static final double MEBIBYTE = 1 << 20;
  private static final int TOKENS_IN_THE_TIME_OF_ONE_READ = 20;

  /// Copies both; methods keep their order.
  public CacheTrial {
    methods = Collections.unmodifiableMap(new LinkedHashMap<>(methods));
    lengths = List.copyOf(lengths);
  }

  @Override
  public String name() {
    return source.model() + "-memory";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = source.settings();
    settings.put("methods", methods);
    settings.put("lengths", lengths);
    return settings;
  }

  @Override
  public long cost() {
    long tokens = lengths.stream().mapToLong(Integer::longValue).sum() * methods.size();
    return 1 + tokens / TOKENS_IN_THE_TIME_OF_ONE_READ;
  }

  @Override
  public Optional<String> obstacle(Workshop workshop) {
    return source.obstacle(workshop);
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    try (TestedModel model = source.open(workshop)) {
      methods.forEach(
          (variant, method) -> {
            for (int length : lengths) {
              double bytes = bytes(model.inference(method, length), length);
              rows.accept(
                  new Row(
                      variant,
                      1,
                      method,
                      METRIC,
                      length,
                      null,
                      null,
                      bytes / MEBIBYTE,
                      1,
                      model.protocol()));
            }
          });
    }
  }

  private static double bytes(InferenceModel inference, int length) {
    try (Sequence sequence = inference.newSequence().declareLength(length)) {
      sequence.fillForBenchmark(length);
      return sequence.cacheBytes();
    }
  }
}
