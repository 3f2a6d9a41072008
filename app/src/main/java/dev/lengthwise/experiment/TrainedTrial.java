package dev.lengthwise.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.train.ModelExport;
import dev.lengthwise.train.TrainConfig;
import dev.lengthwise.train.Trainer;
import dev.lengthwise.train.distributed.SingleProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// A model that is trained, saved, read again and measured under some methods.
///
/// @param label what rows say; its seed is the seed of the training
/// @param recipe how it is trained
/// @param methods under which it is evaluated; `declared` is the one it was trained with
/// @param suite what is measured
public record TrainedTrial(
    TestedModel.Label label, SmallModel recipe, List<String> methods, Suite suite)
    implements Trial {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int PASSES_OF_TRAINING = 3;

  // Share of the steps, at the end, whose losses and gradients are averaged.
  private static final int LAST_PART = 10;

  public TrainedTrial {
    methods = List.copyOf(methods);
  }

  /// A trial for each variant and seed.
  ///
  /// @param recipes how each variant is trained, by name
  /// @param methods under which a variant is evaluated, by its name
  public static List<Trial> grid(
      Map<String, SmallModel> recipes,
      List<Long> seeds,
      Function<String, List<String>> methods,
      Suite suite) {
    List<Trial> trials = new ArrayList<>();
    recipes.forEach(
        (variant, recipe) -> {
          for (long seed : seeds) {
            TestedModel.Label label = new TestedModel.Label(variant, seed, null);
            trials.add(new TrainedTrial(label, recipe, methods.apply(variant), suite));
          }
        });
    return trials;
  }

  @Override
  public String name() {
    String variant =
        label
            .variant()
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^-|-$", "");
    return variant + "-seed" + label.seed();
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("variant", label.variant());
    settings.put("seed", label.seed());
    settings.put("data", recipe.data().settings());
    settings.put("train", MAPPER.convertValue(recipe.config(label.seed(), 1), Map.class));
    settings.put("methods", methods);
    settings.put("suite", suite.settings());
    return settings;
  }

  @Override
  public long cost() {
    return PASSES_OF_TRAINING * recipe.tokens() + methods.size() * suite.cost();
  }

  /// Where the finished model lies.
  Path modelFolder(Workshop workshop) {
    return workshop.folder().resolve("trials").resolve(name()).resolve("model");
  }

  /// The finished model as what later trials of the experiment look at.
  public CheckpointTrial.Source source() {
    return new CheckpointTrial.Source(
        label.variant(), this::modelFolder, Workshop::heldOutText, settings());
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    Path folder = workshop.folder().resolve("trials").resolve(name());
    Path data = recipe.data().prepared(workshop);
    TrainConfig config = recipe.config(label.seed(), workshop.threads());
    PositionMethod method = new MethodParser(config.shape(), new Rope()).parse(config.method());
    Trainer.run(config, method, data, folder.resolve("run"), SingleProcess.CPU, workshop.log());
    Path model = modelFolder(workshop);
    ModelExport.export(method, data, folder.resolve("run"), model, OpenModel.files());
    reportTraining(workshop, folder.resolve("run").resolve("metrics.jsonl"), rows);
    try (TestedModel tested =
        new TestedModel(workshop, model, "declared", workshop.heldOutText())) {
      for (String one : methods) {
        workshop.log().accept("  " + label.variant() + " under " + one);
        tested.measure(label, one, suite, rows);
      }
    }
  }

  private void reportTraining(Workshop workshop, Path metrics, Consumer<Row> rows) {
    List<JsonNode> steps = JsonFiles.readObjects(metrics);
    List<JsonNode> last = steps.subList(steps.size() - 1 - steps.size() / LAST_PART, steps.size());
    Map<String, Object> protocol = workshop.program();
    protocol.put("steps", steps.size());
    report("training_loss", last, step -> step.path("loss").asDouble(), protocol, rows);
    report("gradient_norm", last, step -> step.path("gradientNorm").asDouble(), protocol, rows);
    report(
        "first_gradient_norm",
        steps.subList(0, 1),
        step -> step.path("gradientNorm").asDouble(),
        protocol,
        rows);
    report(
        "validation_loss",
        steps.subList(steps.size() - 1, steps.size()),
        step -> step.path("validationLoss").asDouble(),
        protocol,
        rows);
    report(
        "trained_tokens_per_second",
        last,
        step -> step.path("tokensPerSecond").asDouble(),
        protocol,
        rows);
  }

  private void report(
      String metric,
      List<JsonNode> steps,
      ToDoubleFunction<JsonNode> field,
      Map<String, Object> protocol,
      Consumer<Row> rows) {
    double mean = steps.stream().mapToDouble(field).average().orElseThrow();
    rows.accept(
        new Row(
            label.variant(),
            label.seed(),
            "training",
            metric,
            recipe.trainedLength(),
            label.parameter(),
            null,
            mean,
            steps.size(),
            protocol));
  }
}
