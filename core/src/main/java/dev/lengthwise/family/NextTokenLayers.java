package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import org.jspecify.annotations.Nullable;

/// Layers behind those of the model that predict the tokens after the next one. DeepSeek-V3 was
/// trained with one. No logit of the model depends on them, and they are not read.
final class NextTokenLayers {

  private NextTokenLayers() {}

  /// How many the header of a checkpoint names; 0 in formats that have none.
  ///
  /// @throws dev.lengthwise.LengthwiseException where it is no whole number from 0 on
  static int of(Checkpoint checkpoint, FileFormat format) {
    @Nullable String key = format.keys().key(Field.NEXT_TOKEN_LAYERS);
    if (key == null) {
      return 0;
    }
    String type = format.container().typeOf(checkpoint);
    String whole = format.container() == Container.GGUF ? type + "." + key : key;
    Settings settings = Settings.of(checkpoint);
    return settings.has(whole) && settings.number(whole) != 0
        ? settings.sizeUpTo(whole, Settings.MOST_LAYERS)
        : 0;
  }
}
