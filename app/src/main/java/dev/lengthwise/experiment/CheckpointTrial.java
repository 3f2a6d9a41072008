package dev.lengthwise.experiment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
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
  /// @param recipe how an earlier trial of the experiment makes the model; empty where it exists
  public record Source(
      String model,
      Function<Workshop, Path> path,
      Function<Workshop, NamedText> text,
      Map<String, Object> recipe) {

    /// Copies the recipe.
    public Source {
      recipe = Collections.unmodifiableMap(new LinkedHashMap<>(recipe));
    }

    /// A model that exists.
    public Source(String model, Function<Workshop, Path> path, Function<Workshop, NamedText> text) {
      this(model, path, text, Map.of());
    }

    /// What decides the model, for settings of trials.
    Map<String, Object> settings() {
      Map<String, Object> settings = new LinkedHashMap<>();
      settings.put("model", model);
      if (!recipe.isEmpty()) {
        settings.put("recipe", recipe);
      }
      return settings;
    }

    /// Opens the model with its text.
    TestedModel open(Workshop workshop) {
      return new TestedModel(workshop, path.apply(workshop), "declared", text.apply(workshop));
    }

    /// Opens the model for what needs no text.
    TestedModel openWithoutText(Workshop workshop) {
      return new TestedModel(workshop, path.apply(workshop), "declared", new NamedText("none", ""));
    }

    /// Why it cannot be read, where it is not there.
    Optional<String> obstacle(Workshop workshop) {
      Path place = path.apply(workshop);
      return Files.exists(place) || !recipe.isEmpty()
          ? Optional.empty()
          : Optional.of(
              "%s is not at %s of the project, so its part is left out."
                  .formatted(model, workshop.told(place)));
    }
  }

  public CheckpointTrial {
    suites = List.copyOf(suites);
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = source.settings();
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
    return source.obstacle(workshop);
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    try (TestedModel model = source.open(workshop)) {
      for (Suite suite : suites) {
        model.measure(label, method, suite, rows);
      }
    }
  }
}
