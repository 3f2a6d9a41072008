package dev.lengthwise.runtime;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.family.ModelHeader;
import dev.lengthwise.generate.MemoryPlanner;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import java.nio.file.Path;
import java.util.OptionalLong;

/// A model before it is opened: what it will take of memory.
///
/// @param header what its file says; no weight has been read
/// @param settings how it will be opened
public record PlannedModel(ModelHeader header, ModelSettings settings) {

  /// Reads the header of a model.
  ///
  /// @param path its file or folder ([ModelPaths])
  /// @throws dev.lengthwise.LengthwiseException when it describes no model that is known here
  public static PlannedModel read(Path path, ModelSettings settings) {
    return new PlannedModel(
        ModelHeader.read(
            path,
            OpenModel::declared,
            OpenModel.precision(settings),
            settings.isDense(),
            settings.repacks(),
            settings.activations()),
        settings);
  }

  /// What position methods see: the model, with the trained length of the settings.
  public ModelShape shape() {
    return OpenModel.shape(header.spec(), settings);
  }

  /// The plans under the method that `method` names.
  ///
  /// @param targetLength tokens of the longest text to come, if known
  /// @throws LengthwiseException of an encoder, which keeps nothing of a text
  public PlanFunction plans(String method, OptionalLong targetLength) {
    if (header.spec().isBidirectional()) {
      throw new LengthwiseException(
          header.name()
              + " is an encoder: it reads texts whole and keeps no keys and values that could be"
              + " planned; take a causal model");
    }
    return OpenModel.plans(shape(), header.spec().declared(), method, targetLength);
  }

  /// How keys and values will be kept.
  public CacheType cacheType() {
    return OpenModel.cacheType(settings, header.types());
  }

  /// What texts take under some plans.
  ///
  /// @param cacheType how keys and values are kept
  /// @param chunk most tokens of a text that are read at once
  public MemoryPlanner planner(PlanFunction plans, CacheType cacheType, int chunk) {
    try (Workers workers = new Workers(1)) { // planning runs nothing
      return new MemoryPlanner(
          header.spec(),
          plans,
          OpenModel.engine(settings, workers),
          cacheType,
          chunk,
          header.weights());
    }
  }
}
