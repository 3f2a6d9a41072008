package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import java.util.List;
import java.util.stream.Collectors;

/// Every family that exists. A new family is one new file and one new line here.
public final class Families {

  /// The catalogue; the first family that matches a checkpoint reads it.
  public static final List<Family> ALL =
      List.of(new LlamaFamily(), new BaichuanFamily(), new GptNeoxFamily(), new LengthwiseFamily());

  private Families() {}

  /// The family of a checkpoint.
  ///
  /// @throws LengthwiseException when there is none: the message names what the header says and
  ///     the known families
  public static Family of(Checkpoint checkpoint) {
    return ALL.stream()
        .filter(family -> family.matches(checkpoint))
        .findFirst()
        .orElseThrow(() -> unknown(checkpoint));
  }

  private static LengthwiseException unknown(Checkpoint checkpoint) {
    String known = ALL.stream().map(Family::name).collect(Collectors.joining(", "));
    if (checkpoint.header().isEmpty()) {
      return new LengthwiseException(
          "%s has no config.json beside it, which says what model it is; copy it there (known families: %s)."
              .formatted(checkpoint.path(), known));
    }
    String key = checkpoint.format().equals("gguf") ? "general.architecture" : "model_type";
    JsonNode type = checkpoint.header().path(key);
    JsonNode architectures = checkpoint.header().path("architectures");
    return new LengthwiseException(
        "%s is a model of an unsupported family: %s is %s%s; known families: %s."
            .formatted(
                checkpoint.path(),
                key,
                type.isMissingNode() ? "missing" : type,
                architectures.isMissingNode() ? "" : ", architectures " + architectures,
                known));
  }
}
