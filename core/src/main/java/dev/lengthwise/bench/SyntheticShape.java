package dev.lengthwise.bench;

import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The sizes of a Llama model that needs no file.
///
/// @param name what the user wrote
/// @param hidden channels of the residual stream
/// @param layers number of blocks
/// @param heads query heads
/// @param keyValueHeads key and value heads
/// @param feedForward inner channels of the feed-forward block
/// @param vocabulary number of tokens
public record SyntheticShape(
    String name,
    int hidden,
    int layers,
    int heads,
    int keyValueHeads,
    int feedForward,
    int vocabulary) {

  private static final List<SyntheticShape> NAMED =
      List.of(
          new SyntheticShape("llama-1b", 2048, 16, 32, 8, 8192, 32_000),
          new SyntheticShape("llama-110m", 768, 12, 12, 12, 2048, 32_000),
          new SyntheticShape("llama-15m", 288, 6, 6, 6, 768, 32_000),
          new SyntheticShape("llama-10m", 320, 8, 5, 5, 864, 4096));

  private static final List<String> KEYS =
      List.of("dim", "layers", "heads", "kv-heads", "ffn", "vocab");

  private static final int TRAINED_LENGTH = 2048;
  private static final double EPSILON = 1e-5;

  /// Checks the sizes.
  public SyntheticShape {
    if (hidden <= 0 || layers <= 0 || feedForward <= 0 || vocabulary <= 0) {
      throw new IllegalArgumentException("shape '" + name + "': every size must be positive");
    }
    if (heads <= 0 || keyValueHeads <= 0 || heads % keyValueHeads != 0 || hidden % heads != 0) {
      throw new IllegalArgumentException(
          "shape '%s': kv-heads must divide heads, and heads must divide dim".formatted(name));
    }
    if (hidden / heads % 2 != 0) {
      throw new IllegalArgumentException(
          "shape '%s': a head has %d channels, which must be even".formatted(name, hidden / heads));
    }
  }

  /// A shape by name (`llama-1b`, `llama-110m`, `llama-15m`, `llama-10m`), or by its sizes
  /// (`dim=64,layers=2,heads=4,kv-heads=2,ffn=128,vocab=100`).
  ///
  /// @throws IllegalArgumentException for anything else
  public static SyntheticShape parse(String text) {
    return NAMED.stream()
        .filter(shape -> shape.name().equals(text))
        .findFirst()
        .orElseGet(() -> sized(text));
  }

  private static SyntheticShape sized(String text) {
    Map<String, Integer> sizes = new HashMap<>();
    for (String part : text.split(",", -1)) {
      String[] pair = part.split("=", -1);
      if (pair.length != 2 || !KEYS.contains(pair[0]) || !pair[1].matches("[1-9][0-9]{0,8}")) {
        throw unknown(text);
      }
      sizes.put(pair[0], Integer.valueOf(pair[1]));
    }
    if (!sizes.keySet().containsAll(KEYS)) {
      throw unknown(text);
    }
    int[] size = KEYS.stream().mapToInt(sizes::get).toArray();
    return new SyntheticShape(text, size[0], size[1], size[2], size[3], size[4], size[5]);
  }

  private static IllegalArgumentException unknown(String text) {
    return new IllegalArgumentException(
        "shape '%s' is none of %s, nor positive sizes for all of %s, such as dim=64,layers=2,…"
            .formatted(text, NAMED.stream().map(SyntheticShape::name).toList(), KEYS));
  }

  /// The architecture, with `declared` as its position method.
  public ModelSpec spec(PositionMethod declared) {
    return spec(declared, TRAINED_LENGTH);
  }

  /// The architecture of a model that is trained at `trainedLength`.
  public ModelSpec spec(PositionMethod declared, long trainedLength) {
    int headSize = hidden / heads;
    ModelShape shape =
        new ModelShape(layers, heads, keyValueHeads, headSize, headSize, 10_000, trainedLength);
    return Architecture.LLAMA.model(
        "synthetic",
        new Architecture.Sizes(vocabulary, hidden, feedForward, EPSILON, false),
        shape,
        declared);
  }
}
