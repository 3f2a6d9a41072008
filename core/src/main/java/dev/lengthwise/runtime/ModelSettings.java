package dev.lengthwise.runtime;

import dev.lengthwise.attention.CacheType;
import dev.lengthwise.matrix.ActivationPrecision;
import dev.lengthwise.parallel.VectorWidth;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.torch.ComputeDevice;
import java.util.Optional;
import java.util.OptionalLong;

/// How a model is opened and run. Start from [#DEFAULT].
///
/// @param revision branch, tag or commit of a hub id; empty: `main`, or the only one in the cache
/// @param trainedLength tokens that the model was trained at, in place of what its file says
/// @param threads threads that compute
/// @param arithmetic of the matrix products of prompts; empty where the weights decide
/// @param repacked whether weights of Q4_0, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS and MXFP4, and with
///     activations of Q8 those of Q8_0, get a copy with 16 rows side by side, which is faster
///     for as much memory as they take in the file
/// @param activations how exact activations are in products of up to 16 tokens with such copies
/// @param cacheType how keys and values are kept; empty: as bf16 where activations are rounded, as
///     f32 elsewhere (decision 0020)
/// @param device `cpu`, `cuda`, `cuda:1` …
/// @param engine what executes attention plans; on a GPU it is libtorch
public record ModelSettings(
    Optional<String> revision,
    OptionalLong trainedLength,
    int threads,
    Optional<Arithmetic> arithmetic,
    boolean repacked,
    ActivationPrecision activations,
    Optional<CacheType> cacheType,
    String device,
    Engine engine) {

  /// What suits most: a thread for each processor, and all that is faster.
  public static final ModelSettings DEFAULT =
      new ModelSettings(
          Optional.empty(),
          OptionalLong.empty(),
          Runtime.getRuntime().availableProcessors(),
          Optional.empty(),
          true,
          ActivationPrecision.F32,
          Optional.empty(),
          "cpu",
          Engine.VECTOR);

  /// The arithmetic of matrix products.
  public enum Arithmetic {
    /// Single precision.
    F32,
    /// The upper half of single precision.
    BF16
  }

  /// What executes attention plans.
  public enum Engine {
    /// Kernels for processors.
    VECTOR,
    /// libtorch.
    TORCH,
    /// The specification, in double precision: slow.
    REFERENCE
  }

  /// Checks the numbers, and that the parts go together.
  public ModelSettings {
    require(
        threads > 0 && threads <= Workers.MOST_THREADS,
        "the number of threads must be from 1 to %d, found %d"
            .formatted(Workers.MOST_THREADS, threads));
    trainedLength.ifPresent(
        length -> require(length > 0, "the trained length must be positive, found " + length));
    boolean cuda = ComputeDevice.of(device).isCuda();
    require(
        !cuda || engine != Engine.REFERENCE,
        "the engine reference computes on cpu, not on " + device);
    require(
        !cuda || !cacheType.equals(Optional.of(CacheType.Q8_0)),
        "the cache type q8_0 is of the kernels for processors; on "
            + device
            + " keys and values are f32 or bf16");
  }

  private static void require(boolean condition, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(rule);
    }
  }

  /// The same with a revision of a hub id.
  public ModelSettings withRevision(String chosen) {
    return new ModelSettings(
        Optional.of(chosen),
        trainedLength,
        threads,
        arithmetic,
        repacked,
        activations,
        cacheType,
        device,
        engine);
  }

  /// The same with another trained length, in tokens.
  public ModelSettings withTrainedLength(long tokens) {
    return new ModelSettings(
        revision,
        OptionalLong.of(tokens),
        threads,
        arithmetic,
        repacked,
        activations,
        cacheType,
        device,
        engine);
  }

  /// The same with another number of threads.
  public ModelSettings withThreads(int count) {
    return new ModelSettings(
        revision,
        trainedLength,
        count,
        arithmetic,
        repacked,
        activations,
        cacheType,
        device,
        engine);
  }

  /// The same with activations of another precision.
  public ModelSettings withActivations(ActivationPrecision precision) {
    return new ModelSettings(
        revision,
        trainedLength,
        threads,
        arithmetic,
        repacked,
        precision,
        cacheType,
        device,
        engine);
  }

  /// The same with keys and values of another type.
  public ModelSettings withCacheType(CacheType type) {
    return new ModelSettings(
        revision,
        trainedLength,
        threads,
        arithmetic,
        repacked,
        activations,
        Optional.of(type),
        device,
        engine);
  }

  /// The same on another device.
  public ModelSettings withDevice(String name) {
    return new ModelSettings(
        revision,
        trainedLength,
        threads,
        arithmetic,
        repacked,
        activations,
        cacheType,
        name,
        engine);
  }

  /// The device as libtorch knows it.
  ComputeDevice computeDevice() {
    return ComputeDevice.of(device);
  }

  /// Whether weights become tensors: a GPU needs them, and the engine of libtorch reads them best.
  public boolean isDense() {
    return computeDevice().isCuda() || engine == Engine.TORCH;
  }

  /// Whether weights are repacked: never where there are no vectors, which gain nothing.
  public boolean repacks() {
    return repacked && VectorWidth.vectorised();
  }

  /// How exact activations really are: f32 where no weights are repacked.
  public ActivationPrecision activationsUsed() {
    return repacks() && !isDense() ? activations : ActivationPrecision.F32;
  }
}
