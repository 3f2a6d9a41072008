package dev.lengthwise.experiment;

import dev.lengthwise.model.Architecture;
import dev.lengthwise.train.Initialisation;
import dev.lengthwise.train.TrainConfig;
import dev.lengthwise.train.optimise.OptimizerSettings;
import dev.lengthwise.train.optimise.Schedule;

/// How the small models of all experiments are trained: the same shape, data, steps and learning
/// rate whatever the method, so that only the method differs.
///
/// @param data what it is trained on
/// @param method position method of the training
/// @param trainedLength tokens of a window
/// @param steps optimiser steps
/// @param learning how a step learns
/// @param shape of the model
public record SmallModel(
    TrainingTexts data,
    String method,
    int trainedLength,
    int steps,
    Learning learning,
    Shape shape) {

  /// How a step learns.
  ///
  /// @param tokens of a micro-batch
  /// @param parts micro-batches
  /// @param peak learning rate
  /// @param epsilon of AdamW
  /// @param initialisation of the weights
  /// @param precision of products
  record Learning(
      int tokens,
      int parts,
      double peak,
      double epsilon,
      Initialisation initialisation,
      TrainConfig.Precision precision) {

    /// From texts, of which every token is learnt. Processors without bf16 instructions emulate
    // them
    /// many times slower, so the precision is that of the machine.
    static final Learning TEXTS =
        new Learning(512, 2, 3e-3, 1e-8, Initialisation.GPT2, TrainConfig.Precision.AUTO);

    /// From texts in tiny runs, where rounding to bf16 takes longer than it saves.
    static final Learning TINY_TEXTS =
        new Learning(512, 2, 3e-3, 1e-8, Initialisation.GPT2, TrainConfig.Precision.F32);

    /// From answers only. With the epsilon of [#TEXTS] they are learnt as well, but more single
    /// steps have great losses (`experiments/LOG.md`).
    static final Learning ANSWERS =
        new Learning(1024, 1, 2e-3, 1e-5, Initialisation.SMALL_WANG, TrainConfig.Precision.F32);
  }

  /// What a model is made of.
  ///
  /// @param hidden channels of the residual stream, a multiple of the head size
  /// @param layers blocks
  /// @param headSize channels of a head
  /// @param rotaryBase base of the rotary frequencies
  /// @param architecture kind of layers
  public record Shape(
      int hidden, int layers, int headSize, double rotaryBase, Architecture architecture) {

    /// The shape of reported experiments: about a million weights.
    public static final Shape SMALL = new Shape(128, 4, 32, 10_000, Architecture.LLAMA);

    /// The shape of tiny runs.
    static final Shape TINY = new Shape(32, 2, 32, 10_000, Architecture.LLAMA);

    /// The shape of probes: about 150,000 weights.
    static final Shape PROBE = new Shape(64, 3, 16, 10_000, Architecture.LLAMA);

    /// A gated attention unit has one head, of twice the size, and twice as many values as channels
    /// of the stream. A bidirectional model has a token more, the mask.
    TrainConfig.Model model(int vocabulary) {
      boolean gated = architecture.blocks().stream().anyMatch(Architecture.Block::isGated);
      int heads = gated ? 1 : hidden / headSize;
      return new TrainConfig.Model(
          architecture.isBidirectional() ? vocabulary + 1 : vocabulary,
          hidden,
          layers,
          heads,
          heads,
          gated ? 2 * headSize : headSize,
          gated ? 2 * hidden : hidden * 11 / 4,
          rotaryBase,
          1e-5,
          true,
          architecture);
    }
  }

  /// The recipe of a scale: steps of 1,024 tokens in windows of 128, or two of windows of 32.
  public static SmallModel of(Scale scale, String method, int steps) {
    return switch (scale) {
      case FULL, LONG ->
          new SmallModel(CorpusData.FULL, method, 128, steps, Learning.TEXTS, Shape.SMALL);
      case TINY -> new SmallModel(CorpusData.TINY, method, 32, 2, Learning.TINY_TEXTS, Shape.TINY);
    };
  }

  /// The recipe of generated questions, or two steps with a tiny model.
  ///
  /// @param length trained length
  public static SmallModel ofQuestions(
      Scale scale, TrainingTexts questions, String method, int length, int steps) {
    return new SmallModel(
        questions,
        method,
        length,
        scale.choose(steps, 2),
        Learning.ANSWERS,
        scale.choose(Shape.PROBE, Shape.TINY));
  }

  /// The same with another base of the rotary frequencies.
  public SmallModel withRotaryBase(double base) {
    return with(
        new Shape(shape.hidden(), shape.layers(), shape.headSize(), base, shape.architecture()));
  }

  /// The same with other layers.
  public SmallModel withArchitecture(Architecture architecture) {
    return with(
        new Shape(
            shape.hidden(), shape.layers(), shape.headSize(), shape.rotaryBase(), architecture));
  }

  private SmallModel with(Shape other) {
    return new SmallModel(data, method, trainedLength, steps, learning, other);
  }

  /// The same with windows of another length, as many tokens a step.
  public SmallModel withTrainedLength(int length) {
    return new SmallModel(data, method, length, steps, learning, shape);
  }

  private int sequences() {
    return Math.max(1, learning.tokens() / trainedLength);
  }

  /// Tokens that the training reads.
  long tokens() {
    return (long) steps * sequences() * learning.parts() * trainedLength;
  }

  /// The settings of a training.
  TrainConfig config(long seed, int threads) {
    return new TrainConfig(
        shape.model(data.vocabulary()),
        trainedLength,
        method,
        new TrainConfig.Batch(sequences(), learning.parts(), false),
        new Schedule.Cosine(steps, learning.peak(), Math.max(1, steps / 20), 0.05),
        new OptimizerSettings.AdamW(0.1, 0.9, 0.98, learning.epsilon(), 1),
        learning.initialisation(),
        data.mix(),
        seed,
        learning.precision(),
        threads,
        new TrainConfig.Intervals(steps, steps, Math.max(1, Math.min(100, steps))));
  }
}
