package dev.lengthwise.train;

import dev.lengthwise.model.Architecture;
import dev.lengthwise.text.GeneratedTexts;
import dev.lengthwise.train.data.DataMix;
import dev.lengthwise.train.data.DataPreparation;
import dev.lengthwise.train.data.DataSource;
import dev.lengthwise.train.data.TokenizerChoice;
import dev.lengthwise.train.data.TrainingData;
import dev.lengthwise.train.optimise.Schedule;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Settings of the same kind for a tiny model: to see within seconds that a training works.
///
/// Method, blocks, kind of optimiser, form of the schedule, initialisation, mix of data and head
/// size stay (methods may have a number for each channel of a head); sizes, windows and steps
/// shrink.
public final class TinyConfig {

  private static final int HIDDEN = 32;
  private static final int LAYERS = 2;
  private static final int HEADS = 2;
  private static final int LENGTH = 32;
  private static final int SEQUENCES = 2;
  private static final int ACCUMULATION = 4;
  private static final int STEPS = 8;
  private static final int DOCUMENTS = 40;
  private static final long SEED = 1;

  private TinyConfig() {}

  /// The tiny settings.
  ///
  /// @param dataFolder what [DataPreparation] wrote; its tokenizer decides the vocabulary
  public static TrainConfig of(TrainConfig config, Path dataFolder) {
    int mask = config.model().architecture().isBidirectional() ? 1 : 0;
    int vocabulary = TrainingData.tokenizer(dataFolder).vocabularySize() + mask;
    Schedule schedule = shrink(config.schedule());
    int steps = schedule.steps();
    return new TrainConfig(
        shrink(config.model(), vocabulary),
        Math.min(config.trainedLength(), LENGTH),
        config.method(),
        new TrainConfig.Batch(
            Math.clamp(config.batch().sequences(), 1, SEQUENCES),
            Math.min(config.batch().accumulation(), ACCUMULATION),
            config.batch().gradientCheckpointing()),
        schedule,
        config.optimizer(),
        config.initialisation(),
        config.data(),
        config.seed(),
        config.precision(),
        config.threads(),
        new TrainConfig.Intervals(steps, steps, steps));
  }

  /// Writes data for `mix` without any corpus: each of its shards holds generated questions, in
  /// bytes.
  ///
  /// @param folder created
  public static void prepare(DataMix mix, Path folder) {
    DataSource questions =
        new DataSource.Generated(GeneratedTexts.usual("retrieval", SEED), DOCUMENTS);
    Map<String, List<DataSource>> shards = new LinkedHashMap<>();
    Stream.concat(
            mix.training().stream().map(DataMix.Share::shard), Stream.of(mix.validation().shard()))
        .forEach(name -> shards.put(name, List.of(questions)));
    new DataPreparation(new TokenizerChoice.Bytes(), shards).writeTo(folder, _ -> {});
  }

  /// At least one layer of each kind, and heads that share keys where they did.
  private static TrainConfig.Model shrink(TrainConfig.Model model, int vocabulary) {
    Architecture architecture = model.architecture();
    int heads = Math.min(model.heads(), HEADS);
    return new TrainConfig.Model(
        vocabulary,
        Math.min(model.hiddenSize(), HIDDEN),
        Math.min(model.layers(), Math.max(LAYERS, architecture.blocks().size())),
        heads,
        model.keyValueHeads() == model.heads() ? heads : 1,
        model.headSize(),
        Math.min(model.feedForwardSize(), 2 * HIDDEN),
        model.rotaryBase(),
        model.normEpsilon(),
        model.tied(),
        architecture);
  }

  private static Schedule shrink(Schedule schedule) {
    int all = schedule.steps();
    int steps = Math.min(all, STEPS);
    double peak = schedule.peakLearningRate();
    return switch (schedule) {
      case Schedule.Cosine cosine ->
          new Schedule.Cosine(
              steps, peak, shrink(cosine.warmUpSteps(), all), cosine.finalFraction());
      case Schedule.Linear linear ->
          new Schedule.Linear(
              steps, peak, shrink(linear.warmUpSteps(), all), linear.finalFraction());
      case Schedule.Piecewise piecewise -> {
        TreeMap<Integer, Double> points = new TreeMap<>();
        piecewise
            .points()
            .forEach(point -> points.put(shrink(point.step(), all), point.fraction()));
        yield new Schedule.Piecewise(
            steps,
            peak,
            points.entrySet().stream()
                .map(point -> new Schedule.Piecewise.Point(point.getKey(), point.getValue()))
                .toList());
      }
      case Schedule.WarmUpStableDecay wsd -> {
        int high = shrink(wsd.warmUpSteps() + wsd.stableSteps(), all);
        int rise = Math.min(high, shrink(wsd.warmUpSteps(), all));
        yield new Schedule.WarmUpStableDecay(steps, peak, rise, high - rise, wsd.finalFraction());
      }
    };
  }

  /// A step of `all`, at the same part of a tiny run; a step after the begin stays after it.
  private static int shrink(int step, int all) {
    return all <= STEPS ? step : Math.toIntExact(Math.ceilDiv((long) step * STEPS, (long) all));
  }
}
