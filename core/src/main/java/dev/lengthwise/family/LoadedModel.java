package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Projection;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/// A model in memory. Its weights may share the mapped file, so the model must stay open as long as
/// its decoder is used.
///
/// @param name the name of its file or folder
/// @param decoder architecture and weights
/// @param checkpoint the opened file
/// @param precision the arithmetic of products of many tokens
/// @param owned tensors that are not in the file
public record LoadedModel(
    String name, Decoder decoder, Checkpoint checkpoint, Precision precision, List<Tensor> owned)
    implements AutoCloseable {

  /// Copies the list.
  public LoadedModel {
    owned = List.copyOf(owned);
  }

  /// The architecture.
  public ModelSpec spec() {
    return decoder.spec();
  }

  /// The file or folder that was loaded.
  public Path path() {
    return checkpoint.path();
  }

  /// The types of the matrices as they are in memory.
  public Set<WeightType> weightTypes() {
    Set<WeightType> types = EnumSet.noneOf(WeightType.class);
    decoder.weights().projections().values().forEach(projection -> types.add(typeOf(projection)));
    return types;
  }

  /// The types of the matrices that can have copies with 16 rows side by side, and are multiplied.
  public Set<WeightType> copiedTypes() {
    Set<WeightType> types = EnumSet.noneOf(WeightType.class);
    decoder
        .weights()
        .projections()
        .forEach(
            (id, projection) -> {
              if (projection instanceof Projection.Mapped mapped
                  && spec().multiplies(id.slot())
                  && MatrixProducts.hasCopies(mapped.weight().type(), mapped.weight().columns())) {
                types.add(mapped.weight().type());
              }
            });
    return types;
  }

  private static WeightType typeOf(Projection projection) {
    return switch (projection) {
      case Projection.Mapped mapped -> mapped.weight().type();
      case Projection.Dense dense ->
          dense.weight().scalar_type().intern() == Precision.BF16.type()
              ? WeightType.BF16
              : WeightType.F32;
    };
  }

  /// SHA-256 of the weights; computed at the first call.
  public String sha256() {
    return checkpoint.sha256();
  }

  /// Releases the weights and the file.
  @Override
  public void close() {
    owned.forEach(Tensor::close);
    checkpoint.close();
  }
}
