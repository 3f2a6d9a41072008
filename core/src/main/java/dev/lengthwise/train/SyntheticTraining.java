package dev.lengthwise.train;

import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.data.WindowBatch;
import dev.lengthwise.train.distributed.SingleProcess;
import dev.lengthwise.train.optimise.Optimizer;
import dev.lengthwise.train.optimise.OptimizerSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Training steps of a model with random weights on random tokens, for their speed only.
public final class SyntheticTraining implements AutoCloseable {

  private static final double LEARNING_RATE = 1e-4;

  private final Size size;
  private final Parameters parameters;
  private final Optimizer optimizer;
  private final TrainedModel model;
  private final List<TrainingStep.MicroBatch> parts;

  /// What a step works on: [TrainConfig.Batch#windows] windows of `length` tokens.
  ///
  /// @param length tokens of a window
  /// @param batch windows of a step
  /// @param threads micro-batches that run at the same time
  /// @param device where the model is
  public record Size(int length, TrainConfig.Batch batch, int threads, ComputeDevice device) {}

  /// A model with AdamW.
  ///
  /// @param spec architecture and position method
  /// @param bf16 whether matrix products run in bf16
  public SyntheticTraining(ModelSpec spec, Size size, boolean bf16) {
    this.size = size;
    parameters = Parameters.random(spec, Initialisation.GPT2, 1, size.device());
    optimizer =
        Optimizer.of(
            new OptimizerSettings.AdamW(0.1, 0.9, 0.95, 1e-8, 1),
            parameters.tensors(),
            parameters.roles());
    model =
        new TrainedModel(
            spec,
            parameters,
            spec.declared(),
            bf16 ? ScalarType.BFloat16 : ScalarType.Float,
            size.batch().gradientCheckpointing());
    parts = parts(size, spec.vocabularySize());
  }

  private static List<TrainingStep.MicroBatch> parts(Size size, int vocabulary) {
    SplittableRandom random = new SplittableRandom(1);
    int sequences = size.batch().sequences();
    List<TrainingStep.MicroBatch> parts = new ArrayList<>();
    for (int part = 0; part < size.batch().accumulation(); part++) {
      long[] ids = random.longs((size.length() + 1L) * sequences, 0, vocabulary).toArray();
      parts.add(new TrainingStep.MicroBatch(WindowBatch.of(ids, sequences), new long[sequences]));
    }
    return parts;
  }

  /// Takes one step.
  public void step() {
    try (TrainingWorkers workers = new TrainingWorkers(size.threads())) {
      new TrainingStep(model, parameters, optimizer, workers, new SingleProcess(size.device()))
          .take(parts, LEARNING_RATE);
    }
  }

  /// Tokens of one step.
  public long tokens() {
    return (long) size.batch().windows() * size.length();
  }

  @Override
  public void close() {
    optimizer.close();
    parameters.close();
  }
}
