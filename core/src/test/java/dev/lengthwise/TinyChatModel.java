package dev.lengthwise;

import dev.lengthwise.runtime.ModelSettings;
import dev.lengthwise.tokenizer.train.TrainedTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/// A model with random weights, a tokenizer of bytes and a chat template, which a test opens in
/// milliseconds.
final class TinyChatModel {

  /// Ids 0 to 3; those of the bytes follow.
  static final List<String> CONTROL = List.of("<|begin|>", "<|end|>", "<|user|>", "<|assistant|>");

  static final String TEMPLATE =
      "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
          + "{% if add_generation_prompt %}<|assistant|>{% endif %}";

  static final int TRAINED_LENGTH = 32;

  private static final int VOCABULARY = 260;
  private static final int HIDDEN = 16;
  private static final int INNER = 24;
  private static final int LAYERS = 2;

  private TinyChatModel() {}

  /// Writes the model into a folder; control tokens but the end are never drawn.
  static Path write(Path folder) {
    int layer = 2 * HIDDEN + 4 * HIDDEN * HIDDEN + 3 * HIDDEN * INNER;
    int rotary = TRAINED_LENGTH * HIDDEN / 2; // two tables of half the head size
    int weights = 2 * VOCABULARY * HIDDEN + HIDDEN + LAYERS * layer + rotary;
    ByteBuffer buffer = ByteBuffer.allocate(7 * 4 + weights * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int number :
        new int[] {HIDDEN, INNER, LAYERS, 2, 2, -VOCABULARY, TRAINED_LENGTH}) { // head of its own
      buffer.putInt(number);
    }
    SplittableRandom random = new SplittableRandom(1);
    while (buffer.hasRemaining()) {
      buffer.putFloat((float) random.nextDouble(-0.9, 0.9));
    }
    try {
      Files.write(folder.resolve("tiny.bin"), buffer.array());
      TrainedTokenizer.ofBytes(CONTROL).writeTo(folder.resolve("tokenizer.json"));
      Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
      Files.writeString(
          folder.resolve("tokenizer_config.json"), "{\"bos_token\": {\"content\": \"<|begin|>\"}}");
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Opens the model in a folder with one thread.
  static Model open(Path folder) {
    return Model.open(folder, ModelSettings.DEFAULT.withThreads(1), _ -> {});
  }
}
