package dev.lengthwise;

import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.MemoryPlan;
import dev.lengthwise.generate.MemoryPlanner;
import dev.lengthwise.runtime.ModelPaths;
import dev.lengthwise.runtime.ModelSettings;
import dev.lengthwise.runtime.PlannedModel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// What memory texts of a model take under a position method, said from its header alone: no weight
/// is read, so it also says whether a model fits at all.
public final class MemoryForecast {

  private final MemoryPlanner planner;

  private MemoryForecast(MemoryPlanner planner) {
    this.planner = planner;
  }

  /// The memory of a model that is opened with [ModelSettings#DEFAULT].
  ///
  /// @param model a file, a folder, or a hub id (`org/name`) that is in the local hub cache
  /// @param method position method, such as `rerope:window=512`, or `declared`
  /// @param targetLength tokens of the longest text to come: from it follow factors that `method`
  ///     leaves out
  /// @throws LengthwiseException when there is no such model, when it is an encoder, or when the
  ///     method makes no sense for it
  public static MemoryForecast of(String model, String method, long targetLength) {
    ModelSettings settings = ModelSettings.DEFAULT;
    Path path =
        new ModelPaths(Optional.empty(), System.getenv(), settings.revision()).resolve(model);
    return of(path, settings, method, OptionalLong.of(targetLength), GenerationOptions.CHUNK);
  }

  /// The memory of a model that is opened in some way.
  ///
  /// @param path its file or folder
  /// @param settings how it will be opened, with the type of keys and values
  /// @param targetLength tokens of the longest text to come, if known
  /// @param chunk most tokens of a prompt that are read at once ([GenerationOptions#chunk])
  /// @throws LengthwiseException when the header cannot be read, when the model is an encoder, or
  ///     when the method makes no sense for it
  public static MemoryForecast of(
      Path path, ModelSettings settings, String method, OptionalLong targetLength, int chunk) {
    PlannedModel planned = PlannedModel.read(path, settings);
    return new MemoryForecast(
        planned.planner(planned.plans(method, targetLength), planned.cacheType(), chunk));
  }

  /// The memory of one text.
  ///
  /// @param tokens of the text, what is generated included
  /// @return bytes: weights and keys and values exact, the rest estimated
  public MemoryPlan at(long tokens) {
    return planner.at(tokens);
  }

  /// The longest text that fits.
  ///
  /// @param bytes of memory for the whole process
  /// @return its tokens, [Long#MAX_VALUE] where memory does not grow with the text; empty where not
  ///     even one token fits
  public OptionalLong longest(long bytes) {
    OptionalLong tokens = planner.longest(bytes);
    return tokens.isPresent() && tokens.getAsLong() == MemoryPlanner.LONGEST
        ? OptionalLong.of(Long.MAX_VALUE)
        : tokens;
  }
}
