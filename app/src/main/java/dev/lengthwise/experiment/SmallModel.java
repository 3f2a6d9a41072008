package dev.lengthwise.experiment;

import dev.lengthwise.model.Architecture;
import dev.lengthwise.train.Initialisation;
import dev.lengthwise.train.OptimizerSettings;
import dev.lengthwise.train.Schedule;
import dev.lengthwise.train.TrainConfig;

/// How the small models of all experiments are trained: the same shape, data, steps and learning
/// rate whatever the method, so that only the method differs.
///
/// @param data what it is trained on
/// @param method position method of the training
/// @param trainedLength tokens of a window
/// @param steps optimiser steps
/// @param shape of the model
record SmallModel(TrainingTexts data, String method, int trainedLength, int steps, Shape shape) {

  /// Tokens of a micro-batch.
  private static final int TOKENS = 512;

  private static final int PARTS = 2;
  private static final int HEAD_SIZE = 32;
  private static final double PEAK = 3e-3;

  /// What a model is made of.
  ///
  /// @param hidden channels of the residual stream, a multiple of the head size 32
  /// @param layers blocks
  /// @param rotaryBase base of the rotary frequencies
  /// @param architecture kind of layers
  record Shape(int hidden, int layers, double rotaryBase, Architecture architecture) {

    /// The shape of reported experiments: about a million weights.
    static final Shape SMALL = new Shape(128, 4, 10_000, Architecture.LLAMA);

    /// The shape of tiny runs.
    static final Shape TINY = new Shape(32, 2, 10_000, Architecture.LLAMA);

    /// A gated attention unit has one head, of twice the size, and twice as many values as channels
    /// of the stream.
    TrainConfig.Model model(int vocabulary) {
      boolean gated = architecture.blocks().stream().anyMatch(Architecture.Block::isGated);
      int heads = gated ? 1 : hidden / HEAD_SIZE;
      return new TrainConfig.Model(
          vocabulary,
          hidden,
          layers,
          heads,
          heads,
          gated ? 2 * HEAD_SIZE : HEAD_SIZE,
          gated ? 2 * hidden : hidden * 11 / 4,
          rotaryBase,
          1e-5,
          true,
          architecture);
    }
  }

  /// The recipe of a scale: steps of 1,024 tokens in windows of 128, or two of windows of 32.
  static SmallModel of(Scale scale, String method, int steps) {
    return switch (scale) {
      case FULL -> new SmallModel(CorpusData.FULL, method, 128, steps, Shape.SMALL);
      case TINY -> new SmallModel(CorpusData.TINY, method, 32, 2, Shape.TINY);
    };
  }

  /// The same with another base of the rotary frequencies.
  SmallModel withRotaryBase(double base) {
    return with(new Shape(shape.hidden(), shape.layers(), base, shape.architecture()));
  }

  /// The same with other layers.
  SmallModel withArchitecture(Architecture architecture) {
    return with(new Shape(shape.hidden(), shape.layers(), shape.rotaryBase(), architecture));
  }

  private SmallModel with(Shape other) {
    return new SmallModel(data, method, trainedLength, steps, other);
  }

  /// The same with windows of another length, as many tokens a step.
  SmallModel withTrainedLength(int length) {
    return new SmallModel(data, method, length, steps, shape);
  }

  /// The same, trained on other texts.
  SmallModel withTexts(TrainingTexts others) {
    return new SmallModel(others, method, trainedLength, steps, shape);
  }

  private int sequences() {
    return Math.max(1, TOKENS / trainedLength);
  }

  /// Tokens that the training reads.
  long tokens() {
    return (long) steps * sequences() * PARTS * trainedLength;
  }

  /// The settings of a training.
  TrainConfig config(long seed, int threads) {
    return new TrainConfig(
        shape.model(data.vocabulary()),
        trainedLength,
        method,
        new TrainConfig.Batch(sequences(), PARTS, false),
        new Schedule.Cosine(steps, PEAK, Math.max(1, steps / 20), 0.05),
        new OptimizerSettings.AdamW(0.1, 0.9, 0.98, 1e-8, 1),
        Initialisation.GPT2,
        data.mix(),
        seed,
        TrainConfig.Precision.BF16,
        threads,
        new TrainConfig.Intervals(steps, steps, Math.max(1, Math.min(100, steps))));
  }
}
