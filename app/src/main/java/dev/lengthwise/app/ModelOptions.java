package dev.lengthwise.app;

import dev.lengthwise.ComputeDevice;
import dev.lengthwise.attention.CacheType;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options of every command that opens a model.
final class ModelOptions {

  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      description =
          "File, folder, hub id (org/name, from the local hub cache) or bundled name; default: "
              + Home.BUNDLED_MODEL
              + ".")
  String model = Home.BUNDLED_MODEL;

  @Option(
      names = {"--trained-length", "--yarn-orig-ctx"},
      paramLabel = "N",
      description = "Tokens the model was trained at, in place of what the checkpoint says.")
  @Nullable Long trainedLength;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "Threads; default: one for each processor.")
  @Nullable Integer threads;

  @Option(
      names = {"-b", "--batch-size"},
      paramLabel = "N",
      description = "Most tokens of a prompt that run at once (default ${DEFAULT-VALUE}).")
  int batch = 512;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description =
          "Arithmetic of matrix products: ${COMPLETION-CANDIDATES}; default: BF16 for quantised"
              + " weights, else F32.")
  @Nullable Precisions dtype;

  @Option(
      names = {"-ctk", "-ctv", "--cache-type"},
      paramLabel = "TYPE",
      description = "Type of keys and values in the cache: ${COMPLETION-CANDIDATES}.")
  CacheType cacheType = CacheType.F32;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      converter = DeviceConverter.class,
      description =
          "Where to compute (default ${DEFAULT-VALUE}): cpu, or cuda, cuda:1, …, which runs on"
              + " libtorch.")
  ComputeDevice device = ComputeDevice.CPU;

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      description = "What executes attention plans: ${COMPLETION-CANDIDATES}.")
  Engines engine = Engines.VECTOR;

  enum Precisions {
    F32,
    BF16
  }

  enum Engines {
    VECTOR,
    TORCH,
    REFERENCE
  }

  /// The same options for another model, whose trained length is what its checkpoint says.
  ModelOptions of(String other) {
    ModelOptions options = new ModelOptions();
    options.model = other;
    options.threads = threads;
    options.batch = batch;
    options.dtype = dtype;
    options.cacheType = cacheType;
    options.device = device;
    options.engine = engine;
    return options;
  }

  OptionalLong trainedLength() {
    return trainedLength == null ? OptionalLong.empty() : OptionalLong.of(trainedLength);
  }

  int threads() {
    return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
  }
}
