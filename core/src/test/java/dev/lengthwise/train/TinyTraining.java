package dev.lengthwise.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.family.HuggingFaceWriter;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.text.GeneratedTexts;
import dev.lengthwise.train.data.DataMix;
import dev.lengthwise.train.data.DataPreparation;
import dev.lengthwise.train.data.DataSource;
import dev.lengthwise.train.data.TokenizerChoice;
import dev.lengthwise.train.data.Windows;
import dev.lengthwise.train.optimise.OptimizerSettings;
import dev.lengthwise.train.optimise.Schedule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// A corpus of a few files and a model of a few thousand weights.
public final class TinyTraining {

  static final PositionMethod ROPE = new Rope();

  /// Writes models as Hugging Face's library has them.
  static final ModelFiles WRITER =
      new HuggingFaceWriter((value, shape) -> new MethodParser(shape, ROPE).method(value));

  /// A quarter retrieval documents, a tenth repetitions, the rest crops of code.
  static final DataMix MIX =
      new DataMix(
          List.of(
              new DataMix.Share("retrieval", Windows.DOCUMENT_STARTS, 0.25),
              new DataMix.Share("training", Windows.REPEATED, 0.1),
              new DataMix.Share("training", Windows.CROPS, 0.65)),
          new DataMix.HeldOut("validation", Windows.CROPS),
          List.of(GeneratedTexts.usual("retrieval", 99)));

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
    new DataPreparation(
            new TokenizerChoice.Learnt(300, List.of("training", "retrieval")),
            Map.of(
                "training",
                List.of(new DataSource.Jar(training)),
                "retrieval",
                List.of(new DataSource.Generated(GeneratedTexts.usual("retrieval", 7), 500)),
                "validation",
                List.of(new DataSource.Jar(validation))))
        .writeTo(data, _ -> {});
    return data;
  }

  /// Two layers of 16 channels, 8 tokens, 2 micro-batches of 2 windows.
  public static TrainConfig config(int steps, int threads) {
    return new TrainConfig(
        new TrainConfig.Model(300, 16, 2, 2, 1, 8, 24, 10_000, 1e-5, true, Architecture.LLAMA),
        16,
        "rope",
        new TrainConfig.Batch(2, 2, false),
        new Schedule.WarmUpStableDecay(steps, 1e-2, 1, 0, 0.1),
        new OptimizerSettings.AdamW(0.1, 0.9, 0.95, 1e-8, 1),
        Initialisation.GPT2,
        MIX,
        11,
        TrainConfig.Precision.F32,
        threads,
        new TrainConfig.Intervals(100, 100, 100));
  }

  /// `config` with another value of a setting whose value is a word.
  static TrainConfig with(TrainConfig config, String setting, String value) {
    ObjectNode settings = new ObjectMapper().valueToTree(config);
    return JsonFile.convert(settings.put(setting, value), TrainConfig.class, "settings");
  }

  /// `config` with another optimiser.
  static TrainConfig with(TrainConfig config, OptimizerSettings optimizer) {
    return with(config, config.model(), config.schedule(), optimizer, config.data());
  }

  /// `config` with another schedule.
  public static TrainConfig with(TrainConfig config, Schedule schedule) {
    return with(config, config.model(), schedule, config.optimizer(), config.data());
  }

  /// `config` with other data.
  static TrainConfig with(TrainConfig config, DataMix data) {
    return with(config, config.model(), config.schedule(), config.optimizer(), data);
  }

  /// `config` with another model.
  static TrainConfig with(TrainConfig config, TrainConfig.Model model) {
    return with(config, model, config.schedule(), config.optimizer(), config.data());
  }

  /// `config` with layers of another architecture, and one head where its layers need that.
  static TrainConfig with(TrainConfig config, Architecture architecture) {
    boolean gated = architecture.hasOneHead();
    return with(
        config,
        new TrainConfig.Model(
            300, 16, 2, gated ? 1 : 2, 1, 8, 24, 10_000, 1e-5, true, architecture));
  }

  /// `config` with layers of another architecture and `heads` heads, which do not share keys.
  static TrainConfig withHeads(TrainConfig config, int heads, Architecture architecture) {
    return with(
        config,
        new TrainConfig.Model(
            300, 16, 2, heads, heads, 16 / heads, 24, 10_000, 1e-5, true, architecture));
  }

  private static TrainConfig with(
      TrainConfig config,
      TrainConfig.Model model,
      Schedule schedule,
      OptimizerSettings optimizer,
      DataMix data) {
    return new TrainConfig(
        model,
        config.trainedLength(),
        config.method(),
        config.batch(),
        schedule,
        optimizer,
        config.initialisation(),
        data,
        config.seed(),
        config.precision(),
        config.threads(),
        config.intervals());
  }
}
