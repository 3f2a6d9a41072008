package dev.lengthwise.experiment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// A model that exists, under one method.
///
/// @param name of the trial
/// @param source the model and the text
/// @param label what rows say
/// @param method under which it is evaluated
/// @param suites what is measured
public record CheckpointTrial(
    String name, Source source, TestedModel.Label label, String method, List<Suite> suites)
    implements Trial {

  /// A model and the text that it is measured on.
  ///
  /// @param model name for people
  /// @param path where it lies
  /// @param text reads the text
  public record Source(
      String model, Function<Workshop, Path> path, Function<Workshop, Text> text) {}

  public CheckpointTrial {
    suites = List.copyOf(suites);
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("model", source.model());
    settings.put("variant", label.variant());
    settings.put("seed", label.seed());
    settings.put("method", method);
    settings.put("suites", suites.stream().map(Suite::settings).toList());
    return settings;
  }

  @Override
  public long cost() {
    return suites.stream().mapToLong(Suite::cost).sum();
  }

  @Override
  public Optional<String> obstacle(Workshop workshop) {
    Path path = source.path().apply(workshop);
    return Files.exists(path)
        ? Optional.empty()
        : Optional.of(source.model() + " is not at " + path + ", so its part is left out.");
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    Path path = source.path().apply(workshop);
    try (TestedModel model =
        new TestedModel(workshop, path, "declared", source.text().apply(workshop))) {
      for (Suite suite : suites) {
        model.measure(label, method, suite, rows);
      }
    }
  }
}
