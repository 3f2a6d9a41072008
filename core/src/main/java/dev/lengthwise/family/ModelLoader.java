package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.MappedArithmetic;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.torch.Libtorch;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Loads models of any supported format and family: the place to start.
public final class ModelLoader {

  // models--ORGANISATION--NAME/snapshots/COMMIT
  private static final Pattern SNAPSHOT =
      Pattern.compile("[/\\\\]models--(?:.*--)?(.+)[/\\\\]snapshots[/\\\\][^/\\\\]+$");

  private ModelLoader() {}

  /// Opens a weight file or folder and checks it: family, header, name and shape of every tensor;
  /// of files up to 64 MiB also every value. A greater file is not read: its values are examined
  /// when a hidden state is not finite.
  ///
  /// Matrices are used where they lie in the mapped file, by kernels for processors.
  ///
  /// @param precision arithmetic of products of many tokens; `null`: what suits the file
  /// @param workers share out the work of the decoder
  /// @throws dev.lengthwise.LengthwiseException when anything is wrong
  public static LoadedModel load(
      Path path, MethodReader methods, @Nullable Precision precision, Workers workers) {
    return load(path, methods, precision, new MatrixProducts(workers));
  }

  /// As `load`.
  ///
  /// @param products what multiplies
  public static LoadedModel load(
      Path path, MethodReader methods, @Nullable Precision precision, MatrixProducts products) {
    return load(
        path,
        methods,
        precision,
        products,
        (file, arithmetic) -> Decoder.mapped(file.spec(), file.mapped(), arithmetic));
  }

  /// As `load`, with the weights as tensors of libtorch, whatever their type in the file.
  ///
  /// @param precision type of matrices and of their products; `null`: what suits the file
  /// @param device where the weights lie and everything is computed
  public static LoadedModel loadDense(
      Path path,
      MethodReader methods,
      @Nullable Precision precision,
      Workers workers,
      ComputeDevice device) {
    return load(
        path,
        methods,
        precision,
        new MatrixProducts(workers),
        (file, arithmetic) -> {
          ScalarType type = (arithmetic.bf16() ? Precision.BF16 : Precision.F32).type();
          return Decoder.torch(file.spec(), file.dense(type, device));
        });
  }

  @FunctionalInterface
  private interface Maker {
    Decoder decoder(WeightFile file, MappedArithmetic arithmetic);
  }

  private static LoadedModel load(
      Path path,
      MethodReader methods,
      @Nullable Precision precision,
      MatrixProducts products,
      Maker maker) {
    Checkpoint checkpoint = Checkpoints.open(path);
    try {
      Families.Found found = Families.of(checkpoint);
      ModelSpec declared = found.spec(methods);
      Libtorch.load(); // it may still be loading while the header is read
      Precision chosen = precision == null ? Precision.of(checkpoint) : precision;
      WeightFile file = new WeightFile(checkpoint, found.format(), declared, chosen, products);
      try (PointerScope _ = new PointerScope()) {
        MappedArithmetic arithmetic =
            new MappedArithmetic(products, chosen == Precision.BF16, file::requireFinite);
        Decoder decoder = maker.decoder(file, arithmetic);
        return new LoadedModel(nameOf(path), decoder, checkpoint, chosen, file.owned());
      } catch (RuntimeException | Error e) {
        file.owned().forEach(Tensor::close);
        throw e;
      }
    } catch (RuntimeException | Error e) {
      checkpoint.close();
      throw e;
    }
  }

  /// The name of the family of a checkpoint, where one is known.
  public static Optional<String> familyOf(Checkpoint checkpoint) {
    return Families.find(checkpoint).map(found -> found.family().name());
  }

  /// The name of a file or folder; that of the model where a hub's cache names the folder after a
  /// commit.
  static String nameOf(Path path) {
    Path whole = path.toAbsolutePath().normalize();
    Matcher snapshot = SNAPSHOT.matcher(whole.toString());
    if (snapshot.find()) {
      return snapshot.group(1);
    }
    Path last = whole.getFileName();
    return last == null ? path.toString() : last.toString();
  }
}
