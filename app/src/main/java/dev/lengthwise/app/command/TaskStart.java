package dev.lengthwise.app.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.options.RevisionOption;
import dev.lengthwise.encode.Recipes;
import dev.lengthwise.family.TrainableModel;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.runtime.TrainingStart;
import dev.lengthwise.train.FreshEncoder;
import dev.lengthwise.train.MatchConfig;
import dev.lengthwise.train.TaskConfig;
import dev.lengthwise.train.TaskData;
import dev.lengthwise.train.TaskTrainer;
import dev.lengthwise.train.TinyTask;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/// Trains an encoder with a head, where settings have a `task` block that is none of pairs.
///
/// @param from the model as the user named it; `null` for one of random weights
/// @param revision which revision of a hub id
/// @param config the file of settings
/// @param tiny whether they are tried at a tiny size
record TaskStart(@Nullable String from, RevisionOption revision, Path config, boolean tiny) {

  private static final String TASK = "task";
  private static final String ENCODER = "encoder";

  /// Whether settings train an encoder, on pairs or with a head.
  static boolean isMeantBy(Path config) {
    return JsonFile.read(config, JsonNode.class).has(TASK);
  }

  /// Whether the task is one of pairs.
  static boolean isMatch(Path config) {
    JsonNode name = JsonFile.read(config, JsonNode.class).path(TASK).path("name");
    return name.asText().equals(MatchConfig.MATCH);
  }

  /// Trains; the folder of the finished model.
  Path run(Path out) {
    ObjectNode values = JsonObjects.readStrictObject(config);
    JsonNode block = values.remove(ENCODER);
    TaskConfig whole = JsonFile.convert(values, TaskConfig.class, "File " + config);
    TaskConfig settings = tiny ? TinyTask.of(whole) : whole;
    TaskData data = TaskData.read(settings.task());
    if (from != null) {
      if (block != null) {
        throw new LengthwiseException(
            "File %s describes an encoder, and --from names one; give only one of them."
                .formatted(config));
      }
      return train(settings, data, Recipes.weightsOf(revision.resolve(from)), out);
    }
    if (block != null && !(block instanceof ObjectNode)) {
      throw new LengthwiseException(
          "The block \"%s\" of %s must be an object, as in a config.json."
              .formatted(ENCODER, config));
    }
    ObjectNode header =
        block instanceof ObjectNode own ? own : FreshEncoder.bert(settings.task().length());
    try (TemporaryFolder temporary = new TemporaryFolder()) {
      Path fresh = temporary.path().resolve(ENCODER);
      FreshEncoder.write(
          tiny ? TinyTask.encoder(header) : header,
          data.training(),
          settings.seed(),
          fresh,
          OpenModel.files());
      return train(settings, data, fresh, out);
    }
  }

  private static Path train(TaskConfig settings, TaskData data, Path encoder, Path out) {
    try (PointerScope _ = new PointerScope();
        Workers threads = new Workers(settings.threads());
        TrainableModel model =
            TrainableModel.openFor(
                encoder, settings.task().kind(), data.labels(), OpenModel::declared, threads)) {
      return TaskTrainer.run(
          settings, data, TrainingStart.of(model), out, OpenModel.files(), System.err::println);
    }
  }
}
