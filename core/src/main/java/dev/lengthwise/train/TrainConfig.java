package dev.lengthwise.train;

import static dev.lengthwise.train.optimise.TrainingSetting.require;
import static dev.lengthwise.train.optimise.TrainingSetting.requireThreads;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.train.data.DataMix;
import dev.lengthwise.train.optimise.OptimizerSettings;
import dev.lengthwise.train.optimise.Schedule;
import java.nio.file.Path;

/// Everything that decides how a model is trained, beside the texts: `train.json`.
///
/// @param model architecture
/// @param trainedLength tokens of a window
/// @param method position method as the command line writes it
/// @param batch windows of a step
/// @param schedule number of steps and learning rate
/// @param optimizer how gradients move the weights
/// @param initialisation first weights
/// @param data shards that windows are drawn from, by weight, and what is measured
/// @param seed decides the first weights and the order of the data
/// @param precision type of matrix products
/// @param threads micro-batches that run at the same time
/// @param intervals steps between events
public record TrainConfig(
    Model model,
    int trainedLength,
    String method,
    Batch batch,
    Schedule schedule,
    OptimizerSettings optimizer,
    Initialisation initialisation,
    DataMix data,
    long seed,
    Precision precision,
    int threads,
    Intervals intervals)
    implements TrainingSettings {

  /// Checks the numbers.
  public TrainConfig {
    require(trainedLength > 1, "trainedLength", "at least 2", trainedLength);
    requireThreads(threads);
    requireTokens(batch, trainedLength);
  }

  /// Checks that a micro-batch fits into an array.
  static void requireTokens(Batch batch, int trainedLength) {
    long tokens = batch.sequences() * (trainedLength + 1L);
    require(
        tokens <= Integer.MAX_VALUE,
        "batch.sequences",
        "fewer than 2^31 tokens in a micro-batch",
        tokens);
  }

  /// The sizes of a decoder and what its layers are made of.
  ///
  /// @param vocabularySize rows of the embedding, and size of the tokenizer to train
  /// @param hiddenSize channels of the residual stream
  /// @param layers blocks
  /// @param heads query heads
  /// @param keyValueHeads key and value heads
  /// @param headSize channels of a head
  /// @param feedForwardSize inner channels of the feed-forward block, and of gated attention units
  /// @param rotaryBase base of the rotary frequencies
  /// @param normEpsilon added to the mean square in norms
  /// @param tied whether the embedding is the projection to logits as well
  /// @param architecture what the layers are made of
  public record Model(
      int vocabularySize,
      int hiddenSize,
      int layers,
      int heads,
      int keyValueHeads,
      int headSize,
      int feedForwardSize,
      double rotaryBase,
      double normEpsilon,
      boolean tied,
      Architecture architecture) {

    /// Checks the numbers.
    public Model {
      require(vocabularySize > 0, "model.vocabularySize", "at least 1", vocabularySize);
      require(hiddenSize > 0, "model.hiddenSize", "at least 1", hiddenSize);
      require(layers > 0, "model.layers", "at least 1", layers);
      require(heads > 0, "model.heads", "at least 1", heads);
      require(
          keyValueHeads > 0 && heads % keyValueHeads == 0,
          "model.keyValueHeads",
          "a divisor of model.heads",
          keyValueHeads);
      require(headSize > 0 && headSize % 2 == 0, "model.headSize", "an even number", headSize);
      require(feedForwardSize > 0, "model.feedForwardSize", "at least 1", feedForwardSize);
      require(
          rotaryBase > 1 && Double.isFinite(rotaryBase), "model.rotaryBase", "above 1", rotaryBase);
      require(
          normEpsilon > 0 && normEpsilon < 1, "model.normEpsilon", "between 0 and 1", normEpsilon);
      require(
          heads == 1 || !architecture.hasOneHead(),
          "model.heads",
          "1 in a model with gated attention units and no other attention",
          heads);
      long widest =
          Math.max(Math.max(vocabularySize, 2L * feedForwardSize), (long) heads * headSize);
      require(
          (double) widest * hiddenSize <= Integer.MAX_VALUE,
          "model.hiddenSize",
          "matrices of fewer than 2^31 weights",
          widest + " × " + hiddenSize);
    }
  }

  /// Windows of a step: `sequences · accumulation`.
  ///
  /// @param sequences windows of a micro-batch; 0 when the program may choose how it cuts a step of
  ///     `accumulation` windows
  /// @param accumulation micro-batches of a step, whose gradients are added
  /// @param gradientCheckpointing whether the backward pass computes every layer again in place of
  ///     keeping what the forward pass made
  public record Batch(int sequences, int accumulation, boolean gradientCheckpointing) {

    /// Checks the numbers.
    public Batch {
      require(sequences >= 0, "batch.sequences", "at least 0", sequences);
      require(accumulation > 0, "batch.accumulation", "at least 1", accumulation);
      long windows = (long) sequences * accumulation;
      require(windows <= Integer.MAX_VALUE, "batch", "fewer than 2^31 windows of a step", windows);
    }

    /// Checks that there is work for each of `workers` processes; [LengthwiseException] otherwise.
    public void requireWorkFor(int workers) {
      if (accumulation < workers) {
        throw new LengthwiseException(
            "%d workers share the micro-batches of a step, but batch.accumulation is %d; set it to a"
                    .formatted(workers, accumulation)
                + " multiple of the number of workers.");
      }
    }

    /// Windows of a step.
    public int windows() {
      return Math.multiplyExact(Math.max(1, sequences), accumulation);
    }

    /// The same windows in micro-batches of `size`.
    Batch cut(int size) {
      return new Batch(size, windows() / size, gradientCheckpointing);
    }

    /// Whether `other` is this one, or a cut of it where the program may choose.
    boolean becomes(Batch other) {
      return equals(other)
          || (sequences == 0
              && windows() == other.windows()
              && gradientCheckpointing == other.gradientCheckpointing);
    }
  }

  /// Steps between events; the last step has all of them.
  ///
  /// @param validation loss on held-out text
  /// @param sample a continuation of a fixed prompt
  /// @param checkpoint a checkpoint that training can resume from
  public record Intervals(int validation, int sample, int checkpoint) {

    /// Checks the numbers.
    public Intervals {
      require(validation > 0, "intervals.validation", "at least 1", validation);
      require(sample > 0, "intervals.sample", "at least 1", sample);
      require(checkpoint > 0, "intervals.checkpoint", "at least 1", checkpoint);
    }
  }

  /// Type of matrix products; sums, norms, softmax and the master weights are always f32.
  public enum Precision {
    /// 32-bit float.
    F32,
    /// Rounded to bfloat16.
    BF16,
    /// Whichever multiplies faster on this machine.
    AUTO
  }

  /// Reads a configuration; [LengthwiseException] that names the file and the field when one is
  /// missing, unknown or out of range.
  public static TrainConfig read(Path file) {
    return JsonFile.read(file, TrainConfig.class);
  }

  @Override
  public boolean resumableAs(TrainingSettings other) {
    return other instanceof TrainConfig config
        && equals(
            new TrainConfig(
                config.model,
                config.trainedLength,
                config.method,
                config.batch,
                schedule,
                config.optimizer,
                config.initialisation,
                data,
                config.seed,
                precision,
                threads,
                intervals));
  }

  @Override
  public TrainConfig withBatch(Batch other) {
    return new TrainConfig(
        model,
        trainedLength,
        method,
        other,
        schedule,
        optimizer,
        initialisation,
        data,
        seed,
        precision,
        threads,
        intervals);
  }

  /// What position methods see of this model.
  public ModelShape shape() {
    return new ModelShape(
        model.layers,
        model.heads,
        model.keyValueHeads,
        model.headSize,
        model.headSize,
        model.rotaryBase,
        trainedLength);
  }
}
