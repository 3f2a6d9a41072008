package dev.lengthwise.family;

import dev.lengthwise.Libtorch;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.Checkpoints;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.DecoderWeights;
import dev.lengthwise.model.Linear;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.MethodReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Loads models of any supported format and family: the place to start.
public final class ModelLoader {

  private ModelLoader() {}

  /// Opens a weight file or folder and checks all of it: family, header, the name, shape and values
  /// of every tensor.
  ///
  /// Projections of the wanted precision share the mapped file; others are converted.
  ///
  /// @throws dev.lengthwise.LengthwiseException when anything is wrong
  public static LoadedModel load(Path path, MethodReader methods, Precision precision) {
    Checkpoint checkpoint = Checkpoints.open(path);
    try {
      Family family = Families.of(checkpoint);
      ModelSpec spec = family.spec(checkpoint, methods);
      Libtorch.load(); // it may still be loading while the header is read
      WeightReader tensors = new WeightReader(checkpoint, precision);
      try (PointerScope _ = new PointerScope()) {
        DecoderWeights weights = family.weights(checkpoint, spec, tensors);
        tensors.requireAllRead();
        tensorsOf(weights).forEach(Tensor::retainReference);
        return new LoadedModel(nameOf(path), new Decoder(spec, weights), checkpoint);
      }
    } catch (RuntimeException | Error e) {
      checkpoint.close();
      throw e;
    }
  }

  /// Every tensor of `weights`, each once.
  static Set<Tensor> tensorsOf(DecoderWeights weights) {
    Set<Tensor> tensors = Collections.newSetFromMap(new IdentityHashMap<>());
    tensors.add(weights.embedding());
    tensors.add(weights.norm());
    List<@Nullable Linear> projections = new ArrayList<>();
    projections.add(weights.head());
    for (DecoderWeights.Layer layer : weights.layers()) {
      tensors.add(layer.attentionNorm());
      tensors.add(layer.feedForwardNorm());
      projections.addAll(List.of(layer.query(), layer.key(), layer.value(), layer.output()));
      projections.addAll(List.of(layer.gate(), layer.up(), layer.down()));
    }
    for (Linear projection : projections) {
      if (projection != null) {
        tensors.add(projection.weight());
        Tensor bias = projection.bias();
        if (bias != null) {
          tensors.add(bias);
        }
      }
    }
    return tensors;
  }

  /// The name of a file or folder.
  static String nameOf(Path path) {
    Path last = path.toAbsolutePath().normalize().getFileName();
    return last == null ? path.toString() : last.toString();
  }
}
