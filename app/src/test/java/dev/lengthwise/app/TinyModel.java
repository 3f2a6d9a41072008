package dev.lengthwise.app;

import dev.lengthwise.tokenizer.train.TrainedTokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/// Models of the tests.
public final class TinyModel {

  /// Tokens of the vocabulary of [#write].
  static final int VOCABULARY = 32;

  private static final int HIDDEN = 8;
  private static final int INNER = 16;
  private static final int TRAINED = 16;

  private TinyModel() {}

  /// Writes a llama2.c model of one layer with random weights and no tokenizer.
  public static Path write(Path folder) throws IOException {
    return write(folder, VOCABULARY);
  }

  /// Writes a model with a tokenizer of bytes and a chat template.
  public static Path writeChat(Path folder) throws IOException {
    List<String> control =
        List.of("<|begin|>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>");
    write(folder, control.size() + 256);
    TrainedTokenizer.ofBytes(control).writeTo(folder.resolve("tokenizer.json"));
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
            + "{% if add_generation_prompt %}<|assistant|>{% endif %}");
    return folder;
  }

  private static Path write(Path folder, int vocabulary) throws IOException {
    int attention = 4 * HIDDEN * HIDDEN;
    int feedForward = 3 * HIDDEN * INNER;
    int rotary = TRAINED * HIDDEN / 2; // two tables of half the head size
    int weights = vocabulary * HIDDEN + 3 * HIDDEN + attention + feedForward + rotary;
    ByteBuffer buffer = ByteBuffer.allocate(7 * 4 + weights * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int number : new int[] {HIDDEN, INNER, 1, 2, 2, vocabulary, TRAINED}) {
      buffer.putInt(number);
    }
    SplittableRandom random = new SplittableRandom(1);
    while (buffer.hasRemaining()) {
      buffer.putFloat((float) random.nextDouble(-0.5, 0.5));
    }
    return Files.write(folder.resolve("tiny.bin"), buffer.array());
  }

  /// Writes `count` ids of the vocabulary.
  public static Path ids(Path folder, int count) throws IOException {
    String ids =
        IntStream.range(0, count)
            .mapToObj(at -> Integer.toString(at * 7 % VOCABULARY))
            .collect(Collectors.joining(" "));
    return Files.writeString(folder.resolve("ids-" + count + ".txt"), ids);
  }

  /// A model of the shared data, or the test is skipped.
  public static String shared(String name) {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null) {
      Path model = folder.resolve("shared/data/models").resolve(name);
      if (Files.exists(model)) {
        return model.toString();
      }
      folder = folder.getParent();
    }
    return Assumptions.abort("shared/data/models/" + name + " is not beside the project");
  }
}
