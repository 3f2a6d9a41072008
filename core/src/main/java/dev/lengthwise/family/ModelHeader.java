package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.matrix.ActivationPrecision;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.WeightMemory;
import dev.lengthwise.position.MethodReader;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a checkpoint says of its model before a weight is read.
///
/// @param name of its file or folder
/// @param spec the model; numbers that its declared method learned have their first values
/// @param weights what the weights will take
/// @param types of weights that can have copies with 16 rows side by side, and are multiplied
public record ModelHeader(
    String name, ModelSpec spec, WeightMemory weights, Set<WeightType> types) {

  /// Reads the header of a file or folder.
  ///
  /// @param precision arithmetic of products of many tokens; `null`: what suits the file
  /// @param dense whether weights become tensors of libtorch
  /// @param repacks whether single tokens get copies of quantised weights
  /// @param activations how exact they are in products with copies
  /// @throws dev.lengthwise.LengthwiseException when it describes no model that is known here
  public static ModelHeader read(
      Path path,
      MethodReader methods,
      @Nullable Precision precision,
      boolean dense,
      boolean repacks,
      ActivationPrecision activations) {
    try (Checkpoint checkpoint = Checkpoints.open(path)) {
      Families.Found found = Families.of(checkpoint);
      ModelSpec spec = found.spec(methods);
      Precision chosen = precision == null ? Precision.of(checkpoint) : precision;
      String name = ModelLoader.nameOf(path);
      if (dense) {
        return new ModelHeader(
            name, spec, WeightCensus.dense(found.format(), spec, chosen), Set.of());
      }
      WeightCensus census =
          WeightCensus.mapped(checkpoint, found.format(), spec, chosen, repacks, activations);
      return new ModelHeader(name, spec, census.memory(), census.types());
    }
  }
}
