package dev.lengthwise.experiment;

import dev.lengthwise.family.TrainableModel;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.runtime.TrainingStart;
import dev.lengthwise.tokenizer.open.TokenizerFiles;
import dev.lengthwise.train.FurtherConfig;
import dev.lengthwise.train.FurtherTraining;
import dev.lengthwise.train.ModelExport;
import dev.lengthwise.train.RandomModel;
import dev.lengthwise.train.TrainConfig;
import dev.lengthwise.train.Trainer;
import dev.lengthwise.train.data.TrainingData;
import dev.lengthwise.train.distributed.SingleProcess;
import dev.lengthwise.train.optimise.OptimizerSettings;
import dev.lengthwise.train.optimise.Schedule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;

/// An encoder of random weights that learns to fill in masked words.
///
/// @param shape what it is made of
/// @param texts what it reads
/// @param learning how long
/// @param seed of weights and data
record PretrainedEncoder(EncoderShape shape, ChineseTexts texts, Learning learning, long seed)
    implements Trial, StartingEncoder {

  private static final int PASSES_OF_TRAINING = 3;

  /// How long an encoder is trained.
  ///
  /// @param steps of the optimiser
  /// @param windows of a step, an even number: half of them at a time
  /// @param length tokens of a window
  /// @param peak learning rate
  record Learning(int steps, int windows, int length, double peak) {}

  @Override
  public String name() {
    return "pretrained-" + shortName();
  }

  @Override
  public String label() {
    return shape.kind().label();
  }

  @Override
  public String shortName() {
    return shape.kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public int places() {
    return shape.places();
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("encoder", label());
    settings.put("hidden", shape.hidden());
    settings.put("layers", shape.layers());
    settings.put("places", shape.places());
    settings.put("data", texts.settings());
    settings.put("steps", learning.steps());
    settings.put("windows", learning.windows());
    settings.put("length", learning.length());
    settings.put("peak_learning_rate", learning.peak());
    settings.put("seed", seed);
    return settings;
  }

  @Override
  public long cost() {
    return (long) PASSES_OF_TRAINING * learning.steps() * learning.windows() * learning.length();
  }

  @Override
  public Optional<String> obstacle(Workshop workshop) {
    return texts.obstacle(workshop);
  }

  @Override
  public Path model(Workshop workshop) {
    return folder(workshop).resolve("model");
  }

  private Path folder(Workshop workshop) {
    return workshop.folder().resolve("trials").resolve(name());
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    Path data = texts.prepared(workshop);
    Path run = folder(workshop).resolve("run");
    FurtherConfig config = config(workshop);
    ModelFiles files = OpenModel.files();
    if (!Files.exists(run)) {
      begin(workshop, config, data, run, files);
    }
    Trainer.goOn(config, files, data, run, SingleProcess.CPU, workshop.log());
    ModelExport.exportFurther(config, data, run, model(workshop), files);
    Map<String, Object> protocol = workshop.program();
    protocol.put("text", texts.source());
    protocol.put("steps", learning.steps());
    double loss =
        JsonFiles.readObjects(run.resolve("metrics.jsonl"))
            .getLast()
            .path("validationLoss")
            .asDouble();
    rows.accept(
        new Row(
            label(),
            seed,
            "pretraining",
            "masked_loss",
            learning.length(),
            null,
            null,
            loss,
            1,
            protocol));
  }

  private void begin(
      Workshop workshop, FurtherConfig config, Path data, Path run, ModelFiles files) {
    Path start = folder(workshop).resolve("start");
    int vocabulary = TrainingData.tokenizer(data).vocabularySize();
    RandomModel.write(
        shape.header(vocabulary),
        shape.initialisation(),
        seed,
        start,
        files,
        inside -> TokenizerFiles.copy(data, inside));
    try (PointerScope _ = new PointerScope();
        TrainableModel model =
            TrainableModel.open(start, OpenModel::declared, workshop.workers())) {
      FurtherTraining.begin(config, TrainingStart.of(model), data, run);
    }
    AtomicFolder.delete(start);
  }

  private FurtherConfig config(Workshop workshop) {
    int steps = learning.steps();
    return new FurtherConfig(
        new FurtherConfig.Origin("random weights", "none"),
        learning.length(),
        "declared",
        new TrainConfig.Batch(learning.windows() / 2, 2, false),
        new Schedule.Cosine(steps, learning.peak(), Math.max(1, steps / 10), 0.05),
        new OptimizerSettings.AdamW(0.01, 0.9, 0.98, 1e-8, 1),
        ChineseTexts.mix(),
        seed,
        TrainConfig.Precision.F32,
        workshop.threads(),
        new TrainConfig.Intervals(steps, steps, Math.max(1, Math.min(100, steps))));
  }
}
