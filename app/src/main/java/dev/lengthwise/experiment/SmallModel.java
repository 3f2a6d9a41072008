package dev.lengthwise.experiment;

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
/// @param size of the model
/// @param rotaryBase base of the rotary frequencies
record SmallModel(
    CorpusData data, String method, int trainedLength, int steps, Size size, double rotaryBase) {

  private static final int SEQUENCES = 8;
  private static final int PARTS = 2;
  private static final int HEAD_SIZE = 32;
  private static final double PEAK = 3e-3;
  private static final double ROTARY_BASE = 10_000;

  /// Channels and layers.
  ///
  /// @param hidden channels of the residual stream, a multiple of the head size 32
  /// @param layers blocks
  record Size(int hidden, int layers) {

    /// The size of reported experiments: about a million weights.
    static final Size SMALL = new Size(128, 4);

    /// The size of tiny runs.
    static final Size TINY = new Size(32, 2);
  }

  /// The recipe of a scale: steps of 16 windows of 128 tokens, or two of 32.
  static SmallModel of(Scale scale, String method, int steps) {
    return switch (scale) {
      case FULL -> new SmallModel(CorpusData.FULL, method, 128, steps, Size.SMALL, ROTARY_BASE);
      case TINY -> new SmallModel(CorpusData.TINY, method, 32, 2, Size.TINY, ROTARY_BASE);
    };
  }

  /// The same with another base of the rotary frequencies.
  SmallModel withRotaryBase(double base) {
    return new SmallModel(data, method, trainedLength, steps, size, base);
  }

  /// Tokens that the training reads.
  long tokens() {
    return (long) steps * SEQUENCES * PARTS * trainedLength;
  }

  /// The settings of a training.
  TrainConfig config(long seed, int threads) {
    int hidden = size.hidden();
    int heads = hidden / HEAD_SIZE;
    return new TrainConfig(
        new TrainConfig.Model(
            data.vocabulary(),
            hidden,
            size.layers(),
            heads,
            heads,
            HEAD_SIZE,
            hidden * 11 / 4,
            rotaryBase,
            1e-5),
        trainedLength,
        method,
        new TrainConfig.Batch(SEQUENCES, PARTS),
        new Schedule.Cosine(steps, PEAK, Math.max(1, steps / 20), 0.05),
        new OptimizerSettings.AdamW(0.1, 0.9, 0.98, 1e-8, 1),
        Initialisation.GPT2,
        data.mix(),
        seed,
        TrainConfig.Precision.F32,
        threads,
        new TrainConfig.Intervals(steps, steps, Math.max(1, Math.min(100, steps))));
  }
}
