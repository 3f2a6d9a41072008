package dev.lengthwise.train;

import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.position.PositionMethod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// A corpus of a few files and a model of a few thousand weights.
final class TinyTraining {

  static final PositionMethod ROPE = new Rope();

  private TinyTraining() {}

  /// A `sources` jar with these files, whose names and texts alternate.
  static Path jar(Path folder, String name, String... namesAndTexts) {
    Path jar = folder.resolve(name + "-sources.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      for (int entry = 0; entry < namesAndTexts.length; entry += 2) {
        zip.putNextEntry(new ZipEntry(namesAndTexts[entry]));
        zip.write(namesAndTexts[entry + 1].getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Prepared data in `folder`.
  static Path data(Path folder) {
    String code =
        """
        package tiny;
        /** Adds numbers. */
        public final class Adder {
          public int add(int left, int right) {
            return left + right;
          }
        }
        """;
    Path training = jar(folder, "training", "tiny/Adder.java", code.repeat(20));
    Path validation = jar(folder, "validation", "tiny/Other.java", code.repeat(4));
    Path data = folder.resolve("data");
    new DataPreparation(List.of(training), List.of(validation), 300, 20, 7).writeTo(data, _ -> {});
    return data;
  }

  /// Two layers of 16 channels, 8 tokens, 2 micro-batches of 2 windows.
  static TrainConfig config(int steps, int threads) {
    return new TrainConfig(
        new TrainConfig.Model(300, 16, 2, 2, 1, 8, 24, 10_000, 1e-5, true, Architecture.LLAMA),
        16,
        "rope",
        new TrainConfig.Batch(2, 2),
        new Schedule(steps, 1e-2, 1, 0, 0.1),
        new TrainConfig.Optimizer(0.1, 0.9, 0.95, 1e-8, 1),
        0.25,
        0.1,
        11,
        TrainConfig.Precision.F32,
        threads,
        new TrainConfig.Intervals(100, 100, 100));
  }

  /// `config` with layers of another architecture, and one head where its layers need that.
  static TrainConfig with(TrainConfig config, Architecture architecture) {
    boolean gated = architecture.blocks().stream().anyMatch(Architecture.Block::isGated);
    return new TrainConfig(
        new TrainConfig.Model(
            300, 16, 2, gated ? 1 : 2, 1, 8, 24, 10_000, 1e-5, true, architecture),
        config.trainedLength(),
        config.method(),
        config.batch(),
        config.schedule(),
        config.optimizer(),
        config.retrievalShare(),
        config.repetitionShare(),
        config.seed(),
        config.precision(),
        config.threads(),
        config.intervals());
  }
}
