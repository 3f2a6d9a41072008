package dev.lengthwise.family;

import dev.lengthwise.Libtorch;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.Checkpoints;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.DecoderWeights;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.ModelWeights;
import dev.lengthwise.model.NamedWeights;
import dev.lengthwise.model.StoredOperations;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.PlanWeight;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Loads models of any supported format and family: the place to start.
public final class ModelLoader {

  private ModelLoader() {}

  /// Opens a weight file or folder and checks it: family, header, name and shape of every tensor;
  /// of files up to 64 MiB also every value. A greater file is not read: its values are examined
  /// when a hidden state is not finite.
  ///
  /// Matrices are used where they lie in the mapped file.
  ///
  /// @param precision arithmetic of products of many tokens; `null`: what suits the file
  /// @param workers share out the work of the decoder
  /// @throws dev.lengthwise.LengthwiseException when anything is wrong
  public static LoadedModel load(
      Path path, MethodReader methods, @Nullable Precision precision, Workers workers) {
    Checkpoint checkpoint = Checkpoints.open(path);
    try {
      Family family = Families.of(checkpoint);
      ModelSpec declared = family.spec(checkpoint, methods);
      Libtorch.load(); // it may still be loading while the header is read
      Precision chosen = precision == null ? Precision.of(checkpoint) : precision;
      MatrixProducts products = new MatrixProducts(workers);
      WeightReader tensors = new WeightReader(checkpoint, chosen, products);
      ModelSpec spec = withLearned(declared, tensors);
      try (PointerScope _ = new PointerScope()) {
        ModelWeights weights = family.weights(checkpoint, spec, tensors);
        tensors.requireAllRead();
        Decoder decoder =
            switch (weights) {
              case DecoderWeights stored ->
                  new Decoder(
                      spec,
                      stored,
                      new StoredOperations(
                          spec,
                          stored,
                          products,
                          chosen == Precision.BF16,
                          tensors::requireFinite));
              case NamedWeights named -> new Decoder(spec, named);
            };
        return new LoadedModel(nameOf(path), decoder, checkpoint, chosen, tensors.owned());
      } catch (RuntimeException | Error e) {
        tensors.owned().forEach(Tensor::close);
        throw e;
      }
    } catch (RuntimeException | Error e) {
      checkpoint.close();
      throw e;
    }
  }

  // What the declared method has learned is in the file, beside the weights of the decoder.
  private static ModelSpec withLearned(ModelSpec spec, WeightReader tensors) {
    Map<String, double[]> learned = new LinkedHashMap<>();
    for (PlanWeight weight : spec.declared().weights(spec.shape())) {
      learned.put(weight.name(), tensors.doubles(weight.tensorName(), weight.shape()));
    }
    return learned.isEmpty() ? spec : spec.withDeclared(spec.declared().withWeights(learned));
  }

  /// The name of a file or folder.
  static String nameOf(Path path) {
    Path last = path.toAbsolutePath().normalize().getFileName();
    return last == null ? path.toString() : last.toString();
  }
}
