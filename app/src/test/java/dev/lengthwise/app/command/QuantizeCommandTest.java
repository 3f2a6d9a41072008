package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.Run;
import dev.lengthwise.app.TinyModel;
import dev.lengthwise.app.options.Home;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.RowSource;
import dev.lengthwise.checkpoint.gguf.GgufFile;
import dev.lengthwise.checkpoint.gguf.GgufMetadata;
import dev.lengthwise.checkpoint.gguf.GgufTensor;
import dev.lengthwise.checkpoint.gguf.GgufWriter;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.runtime.OpenModel;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizeCommandTest {

  private static final String BUNDLED = Path.of("..", "models", Home.BUNDLED_MODEL).toString();

  @TempDir Path folder;

  /// Logits of some tokens under the method that the checkpoint declares.
  private static float[] logits(String model) {
    ModelOptions options = new ModelOptions();
    options.model = model;
    try (OpenModel open = options.open();
        Sequence sequence = open.inference("declared", OptionalLong.empty()).newSequence();
        PointerScope _ = new PointerScope()) {
      int vocabulary = open.spec().vocabularySize();
      int[] ids = IntStream.range(0, 24).map(at -> (at * 37 + 5) % vocabulary).toArray();
      FloatBuffer buffer = sequence.logits(sequence.prefill(ids)).contiguous().createBuffer();
      float[] values = new float[buffer.remaining()];
      buffer.get(values);
      return values;
    }
  }

  /// Root mean square of the difference over that of the logits.
  private static double difference(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double error = 0;
    double square = 0;
    for (int i = 0; i < found.length; i++) {
      error += Math.pow(found[i] - expected[i], 2);
      square += Math.pow(expected[i], 2);
    }
    return Math.sqrt(error / square);
  }

  private Run quantize(String model, Path out, QuantizeCommand.Types type) {
    String name = type.name().toLowerCase(Locale.ROOT);
    return Run.of("quantize", model, out.toString(), "--type", name, "--quiet");
  }

  /// A file that names a tensor which it has not was copied without a word.
  @Test
  void whatCannotBeLoadedIsRefusedAndNothingIsWritten() throws IOException {
    Path whole = folder.resolve("whole.gguf");
    assertThat(quantize(BUNDLED, whole, QuantizeCommand.Types.F16).status()).isZero();
    Path missing = folder.resolve("missing.gguf");
    try (GgufFile file = GgufFile.open(whole);
        Workers workers = new Workers(1)) {
      List<GgufTensor> tensors =
          file.tensors().values().stream()
              .filter(tensor -> !tensor.name().equals("blk.1.ffn_up.weight"))
              .map(tensor -> new GgufTensor(tensor.name(), tensor.type(), RowSource.of(tensor)))
              .toList();
      new GgufWriter(workers, _ -> {}).write(missing, file.metadata(), tensors);
    }
    Path out = folder.resolve("out.gguf");
    Run run = quantize(missing.toString(), out, QuantizeCommand.Types.Q8_0);
    assertThat(run.status()).isOne();
    assertThat(run.err()).contains("blk.1.ffn_up.weight").contains("missing.gguf");
    assertThat(out).doesNotExist();
  }

  /// It was copied, or left out with a remark, and no other command could read a text with it.
  @Test
  void aDamagedTokenizerIsRefusedAndNothingIsWritten() throws IOException {
    Path model = TinyModel.writeChat(folder);
    Path whole = folder.resolve("whole.gguf");
    assertThat(quantize(model.toString(), whole, QuantizeCommand.Types.F16).status()).isZero();
    Path damaged = folder.resolve("damaged.gguf");
    try (GgufFile file = GgufFile.open(whole);
        Workers workers = new Workers(1)) {
      List<GgufTensor> tensors =
          file.tensors().values().stream()
              .map(tensor -> new GgufTensor(tensor.name(), tensor.type(), RowSource.of(tensor)))
              .toList();
      GgufMetadata metadata = file.metadata().putWhole("tokenizer.ggml.bos_token_id", 1_000_000);
      new GgufWriter(workers, _ -> {}).write(damaged, metadata, tensors);
    }
    requireRefused(damaged, "tokenizer.ggml.bos_token_id");
    Files.writeString(model.resolve("tokenizer.json"), "{\"version\": \"1.0\"}");
    requireRefused(model.resolve("tiny.bin"), "tokenizer.json");
  }

  private void requireRefused(Path model, String reason) {
    Path out = folder.resolve("out.gguf");
    Run run = quantize(model.toString(), out, QuantizeCommand.Types.F16);
    assertThat(run.err()).contains(reason);
    assertThat(run.status()).isOne();
    assertThat(out).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "F32, 1e-5",
    "F16, 0.002",
    "BF16, 0.02",
    "Q8_0, 0.03",
    "Q6_K, 0.08",
    "Q5_K, 0.15",
    "Q5_1, 0.2",
    "Q5_0, 0.2",
    "Q4_K, 0.3",
    "IQ4_NL, 0.35",
    "Q4_1, 0.4",
    "Q4_0, 0.4"
  })
  void everyTypeOfTheBundledModelGivesCloseLogits(QuantizeCommand.Types type, double most)
      throws IOException {
    Path out = folder.resolve("out.gguf");

    Run run = quantize(BUNDLED, out, type);

    assertThat(run.err()).contains("The file holds no tokenizer");
    assertThat(run.status()).isZero();
    assertThat(run.out()).isEqualTo(out + System.lineSeparator());
    assertThat(difference(logits(out.toString()), logits(BUNDLED))).isLessThan(most);
    try (GgufFile file = GgufFile.open(out)) {
      assertThat(file.tensor("token_embd.weight").type()).isEqualTo(type.dataType());
      assertThat(file.tensor("output_norm.weight").type()).isEqualTo(DataType.F32);
      assertThat(file.header().path("general.quantization_version").asInt()).isEqualTo(2);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(out);
    }
  }

  @Test
  void rowsThatAreNotWholeBlocksGiveWayAndTheUserIsTold() {
    Path out = folder.resolve("out.gguf");

    Run run = quantize(BUNDLED, out, QuantizeCommand.Types.Q4_K);

    assertThat(run.err()).contains("6 tensors are stored as q5_0").contains("blocks of 256");
    try (GgufFile file = GgufFile.open(out)) {
      assertThat(file.tensor("blk.0.ffn_down.weight").type()).isEqualTo(DataType.Q5_0);
      assertThat(file.tensor("blk.0.ffn_up.weight").type()).isEqualTo(DataType.Q4_K);
      assertThat(file.header().path("general.file_type").asInt()).isEqualTo(14);
    }
  }

  @ParameterizedTest
  @EnumSource(QuantizeCommand.Types.class)
  void everyTypeOfTinyModelsGivesCloseLogits(QuantizeCommand.Types type) throws IOException {
    Path tiny = TinyModel.write(folder);
    Path out = folder.resolve("out.gguf");

    Run run = quantize(tiny.toString(), out, type);

    assertThat(run.status()).isZero();
    assertThat(difference(logits(out.toString()), logits(tiny.toString()))).isLessThan(0.02);
  }

  @ParameterizedTest
  @EnumSource(QuantizeCommand.Types.class)
  void aRealGgufKeepsItsKeysAndLogits(QuantizeCommand.Types type) {
    String real = TinyModel.shared("llama2-tiny-random-gguf/llama-2-tiny-random.gguf");
    Path out = folder.resolve("out.gguf");

    assertThat(quantize(real, out, type).status()).isZero();

    assertThat(difference(logits(out.toString()), logits(real))).isLessThan(0.02);
    try (GgufFile before = GgufFile.open(Path.of(real));
        GgufFile after = GgufFile.open(out)) {
      assertThat(after.tensors().keySet()).containsExactlyElementsOf(before.tensors().keySet());
      before
          .header()
          .properties()
          .forEach(
              entry -> {
                if (!entry.getKey().startsWith("general.")) {
                  assertThat(after.header().path(entry.getKey())).isEqualTo(entry.getValue());
                }
              });
    }
  }

  @Test
  void quantisingTwiceIsSaidAndReplacesAnOlderFile() throws IOException {
    Path first = folder.resolve("first.gguf");
    Path second = Files.writeString(folder.resolve("second.gguf"), "old");
    quantize(BUNDLED, first, QuantizeCommand.Types.Q8_0);

    Run run = quantize(first.toString(), second, QuantizeCommand.Types.Q4_0);

    assertThat(run.err()).contains("were already quantised");
    assertThat(run.status()).isZero();
    assertThat(difference(logits(second.toString()), logits(BUNDLED))).isLessThan(0.4);
  }
}
