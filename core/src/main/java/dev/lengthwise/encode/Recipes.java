package dev.lengthwise.encode;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.model.ModelSpec;
import java.nio.file.Path;
import java.util.List;

/// What the files of a model say of the way to a vector.
public final class Recipes {

  /// Settings of decoders that were made into encoders whose tokens see those ahead.
  private static final List<String> AHEAD = List.of("use_bidirectional_attention");

  private static final String CAUSAL = "is_causal";

  private Recipes() {}

  /// Where the weights are: in a folder of sentence-transformers those of its transformer, else the
  /// path itself.
  public static Path weightsOf(Path path) {
    return EncoderFolder.of(path).map(EncoderFolder::transformer).orElse(path);
  }

  /// The recipe of a model.
  ///
  /// A folder of sentence-transformers says all of it, and a GGUF file its pooling; its vectors
  /// have length 1, as llama.cpp's do. Of any other model the states of an encoder are averaged,
  /// as sentence-transformers does, and of a decoder the last one counts.
  ///
  /// @param path what was opened
  /// @param checkpoint the file of the weights
  /// @throws LengthwiseException of a part that is not supported
  public static Recipe of(Path path, ModelSpec spec, Checkpoint checkpoint) {
    ObjectNode header = checkpoint.header();
    boolean ahead = AHEAD.stream().anyMatch(key -> header.path(key).asBoolean());
    if (!spec.isBidirectional() && (ahead || !header.path(CAUSAL).asBoolean(true))) {
      throw new LengthwiseException(
          "%s is a decoder whose tokens see those ahead of them; such encoders are not supported."
              .formatted(path));
    }
    return EncoderFolder.of(path)
        .map(EncoderFolder::recipe)
        .orElseGet(() -> ofWeights(spec, checkpoint));
  }

  private static Recipe ofWeights(ModelSpec spec, Checkpoint checkpoint) {
    Pooling usual = spec.isBidirectional() ? Pooling.MEAN : Pooling.LAST;
    if (!checkpoint.format().equals("gguf")) {
      return Recipe.of(usual, false);
    }
    ObjectNode header = checkpoint.header();
    String key = header.path("general.architecture").asText() + ".pooling_type";
    return switch (header.path(key).asInt()) {
      case 0 -> Recipe.of(usual, true);
      case 1 -> Recipe.of(Pooling.MEAN, true);
      case 2 -> Recipe.of(Pooling.CLS, true);
      case 3 -> Recipe.of(Pooling.LAST, true);
      default ->
          throw new LengthwiseException(
              "%s of %s is %s; 1 (mean), 2 (cls) and 3 (last) make vectors, and rankers are not supported."
                  .formatted(key, checkpoint.path(), header.path(key)));
    };
  }
}
