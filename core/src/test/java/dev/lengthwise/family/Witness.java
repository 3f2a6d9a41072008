package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.torch.ComputeDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/// Small random models with numbers of other programs, and the ways in which they are run here.
final class Witness {

  private static final Path RESOURCES = Path.of("src/test/resources/families");

  private Witness() {}

  /// How a model is run.
  enum Way {
    /// Weights in place, kernels, the whole text at once.
    KERNELS,
    /// Weights in place, the reference engine, token by token.
    REFERENCE_BY_TOKENS,
    /// Weights in place, kernels, in pieces of seven tokens.
    KERNELS_BY_SEVEN,
    /// Weights in place, kernels, token by token.
    KERNELS_BY_TOKENS,
    /// Tensors in libtorch.
    TORCH;

    private Attention engine() {
      return switch (this) {
        case KERNELS, KERNELS_BY_SEVEN, KERNELS_BY_TOKENS -> new VectorAttention(Running.WORKERS);
        case REFERENCE_BY_TOKENS -> new ReferenceAttention();
        case TORCH -> new TorchAttention();
      };
    }

    /// Whether a text is read token by token.
    boolean byTokens() {
      return chunk(2) == 1;
    }

    private int chunk(int tokens) {
      return switch (this) {
        case KERNELS, TORCH -> tokens;
        case REFERENCE_BY_TOKENS, KERNELS_BY_TOKENS -> 1;
        case KERNELS_BY_SEVEN -> 7;
      };
    }

    LoadedModel load(Path path) {
      return switch (this) {
        case KERNELS, KERNELS_BY_SEVEN, KERNELS_BY_TOKENS, REFERENCE_BY_TOKENS ->
            Running.load(path);
        case TORCH ->
            ModelLoader.loadDense(
                path, Running.METHODS, Precision.F32, Running.WORKERS, ComputeDevice.CPU);
      };
    }
  }

  /// The names of fixtures in a folder of the test resources.
  static List<String> names(String folder) {
    try (Stream<Path> files = Files.list(RESOURCES.resolve(folder))) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.endsWith(".json"))
          .map(name -> name.substring(0, name.length() - ".json".length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path resource(String name) {
    return RESOURCES.resolve(name);
  }

  static JsonNode json(Path path) {
    try {
      return new ObjectMapper().readTree(path.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The ids of the text of a fixture in Hugging Face's format.
  static int[] ids(String name) throws IOException {
    String ids = Files.readString(resource("hf/" + name + ".ids.txt"));
    return Arrays.stream(ids.trim().split("\\s+")).mapToInt(Integer::parseInt).toArray();
  }

  /// The loss of the token after the one at `place`, in nats.
  ///
  /// @param logits of all tokens, row by row
  static double loss(float[] logits, int place, int[] ids, int vocabulary) {
    double sum = 0;
    for (int id = 0; id < vocabulary; id++) {
      sum += Math.exp(logits[place * vocabulary + id]);
    }
    return Math.log(sum) - logits[place * vocabulary + ids[place + 1]];
  }

  /// Logits of all tokens, row by row.
  ///
  /// @param length tokens that the text is said to have
  static float[] logits(LoadedModel model, PositionMethod method, Way way, int[] ids, long length) {
    float[] all = new float[ids.length * model.spec().vocabularySize()];
    try (NoGradGuard _ = new NoGradGuard();
        Sequence sequence =
            Running.inference(model, method, way.engine()).newSequence().declareLength(length)) {
      sequence.read(
          ids,
          way.chunk(ids.length),
          (first, hidden) -> {
            try (PointerScope _ = new PointerScope()) {
              FloatBuffer logits = sequence.logits(hidden).contiguous().createBuffer();
              logits.get(all, first * model.spec().vocabularySize(), logits.remaining());
            }
          });
    }
    return all;
  }
}
