package dev.lengthwise.app.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.train.FurtherConfig;
import dev.lengthwise.train.ModelAgreement;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Settings of a training that begins with a model, as a user writes them: a `train.json` in which
/// everything that the model says may be missing.
///
/// @param values the settings
/// @param place names them in messages
record FurtherSettings(ObjectNode values, String place) {

  private static final String MODEL = "model";
  private static final String METHOD = "method";
  private static final String LENGTH = "trainedLength";
  private static final String THREADS = "threads";

  /// What holds without a file: the recipe of position interpolation (S. Chen et al. 2023, section
  /// 3.1: AdamW without decay, 1,000 steps at 2·10⁻⁵ after 20 of warm-up), with 16 windows in place
  /// of 64.
  private static final String USUAL =
      """
      {
        "batch": {"sequences": 0, "accumulation": 16, "gradientCheckpointing": false},
        "schedule": {"name": "wsd", "steps": 1000, "peakLearningRate": 2e-5, "warmUpSteps": 20,
                     "stableSteps": 980, "finalFraction": 1.0},
        "optimizer": {"name": "adamw", "weightDecay": 0.0, "beta1": 0.9, "beta2": 0.95,
                      "epsilon": 1e-8, "clip": 1.0},
        "data": {"training": [{"shard": "training", "windows": "CROPS", "weight": 1.0}],
                 "validation": {"shard": "validation", "windows": "CROPS"},
                 "questions": []},
        "seed": 1, "precision": "AUTO",
        "intervals": {"validation": 50, "sample": 250, "checkpoint": 100}
      }
      """;

  /// The settings of a file, or else the usual ones.
  static FurtherSettings read(@Nullable Path file) {
    if (file != null) {
      return new FurtherSettings(JsonObjects.readStrictObject(file), "File " + file);
    }
    ObjectNode usual =
        JsonObjects.parse(
            new ObjectMapper(),
            Path.of("train.json"),
            "default",
            USUAL.getBytes(StandardCharsets.UTF_8));
    usual.put(THREADS, Runtime.getRuntime().availableProcessors());
    return new FurtherSettings(usual, "The usual settings");
  }

  /// Checks that what the settings say of the model is so.
  ///
  /// @param name of the model, for messages
  void requireModel(ModelSpec spec, String name) {
    if (values.get(MODEL) instanceof ObjectNode block) {
      ModelAgreement.require(block, spec, name);
    }
  }

  /// The position method, where the settings name one.
  Optional<String> method() {
    return Optional.ofNullable(values.path(METHOD).textValue());
  }

  /// The whole settings.
  ///
  /// @param method of the training
  /// @param usualLength tokens of a window where the settings do not say
  /// @throws LengthwiseException that names what is missing or wrong
  FurtherConfig complete(FurtherConfig.Origin from, String method, long usualLength) {
    ObjectNode all = values.deepCopy();
    all.remove(MODEL);
    all.remove("initialisation"); // there is nothing to initialise
    all.set("from", new ObjectMapper().valueToTree(from));
    all.put(METHOD, method);
    if (!all.has(LENGTH)) {
      all.put(LENGTH, usualLength);
    }
    return JsonFile.convert(all, FurtherConfig.class, place);
  }

  /// The settings with which a run goes on: model, method and length are those of the run.
  FurtherConfig goingOn(FurtherConfig run) {
    return complete(run.from(), run.method(), run.trainedLength());
  }
}
