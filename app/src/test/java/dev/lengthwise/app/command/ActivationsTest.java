package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lengthwise.app.Run;
import dev.lengthwise.app.TinyModel;
import dev.lengthwise.app.options.Home;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.matrix.ActivationPrecision;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.parallel.VectorWidth;
import dev.lengthwise.runtime.ModelSettings;
import dev.lengthwise.runtime.ModelSettings.Engine;
import dev.lengthwise.runtime.OpenModel;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What activations of 8 bits, and keys and values in bf16 beside them, cost in the distributions
/// of the next token.
class ActivationsTest {

  private static final Path BUNDLED = Path.of("..", "models", Home.BUNDLED_MODEL);
  private static final Path SOURCE = Path.of("src/main/java/dev/lengthwise/app/Main.java");
  private static final int TOKENS = 64;

  /// Nats: the rule of decision 0016.
  private static final double MOST = 1e-3;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"q4_0", "q4_k", "q5_k", "q6_k"})
  void distributionsOfTheBundledModelHardlyDiverge(String type) throws IOException {
    Files.copy(BUNDLED.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    assertThat(divergence(BUNDLED.toString(), type, Files.readString(SOURCE)))
        .isPositive()
        .isLessThan(MOST);
  }

  // Protocols and warnings say of a type what its kernels do.
  @ParameterizedTest
  @ValueSource(strings = {"q4_0", "q4_k", "q5_k", "q6_k", "q4_1", "q8_0", "iq4_nl", "f16"})
  void whatIsSaidOfATypeIsWhatItsKernelsDo(String type) throws IOException {
    Files.copy(BUNDLED.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    double divergence = divergence(BUNDLED.toString(), type, Files.readString(SOURCE));
    ModelOptions options = ModelOptions.forManyTexts();
    options.model = folder.resolve("model.gguf").toString();
    try (OpenModel open = options.open()) {
      assertThat(open.activations())
          .isEqualTo(divergence == 0 ? ActivationPrecision.F32 : ActivationPrecision.Q8);
      assertThat(open.cacheType()).isEqualTo(divergence == 0 ? CacheType.F32 : CacheType.BF16);
    }
  }

  @Test
  void whoAsksForEightBitsInVainIsTold() {
    String model = BUNDLED.toString();
    Run asked = Run.of("generate", "-m", model, "-p", "int", "-n", "1", "--activations", "q8");
    assertThat(asked.err()).contains("--activations Q8 changes nothing: ");
    Run usual = Run.of("generate", "-m", model, "-p", "int", "-n", "1");
    assertThat(usual.err()).doesNotContain("changes nothing");
  }

  @Test
  void mixedActivationsLeaveWeightsOfEightBitsExact() throws IOException {
    Files.copy(BUNDLED.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    Path file = folder.resolve("model.gguf");
    Run.of("quantize", BUNDLED.toString(), file.toString(), "--type", "q8_0", "--quiet");
    String text = Files.readString(SOURCE);
    assertThat(logits(file, text, ActivationPrecision.MIXED))
        .isDeepEqualTo(logits(file, text, ActivationPrecision.F32));
  }

  @ParameterizedTest
  @ValueSource(strings = {"q8_0", "iq4_nl", "mxfp4"})
  void norDoThoseOfTypesThatNeedKernelsInC(String type) throws IOException {
    assumeThat(MatrixProducts.hasCompiledKernels())
        .as("where there are no kernels in C, nothing is rounded")
        .isTrue();
    Files.copy(BUNDLED.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    assertThat(divergence(BUNDLED.toString(), type, Files.readString(SOURCE)))
        .isPositive()
        .isLessThan(MOST);
  }

  @Test
  void distributionsOfBabyLlamaHardlyDiverge() throws IOException {
    Path model = Path.of(TinyModel.shared("babyllama-105"));
    Files.copy(model.resolve("tok105.model"), folder.resolve("tokenizer.model"));
    String story = "Once upon a time there was a small cat. It liked to play in the big garden. ";
    assertThat(divergence(model.toString(), "q4_0", story.repeat(2))).isPositive().isLessThan(MOST);
  }

  @Test
  void commandsThatWriteTextsRoundActivationsUnlessAskedOtherwise() {
    assumeThat(VectorWidth.vectorised()).as("rows lie side by side for vectors only").isTrue();
    ModelOptions options = ModelOptions.forTexts();
    assertThat(options.settings().activationsUsed()).isEqualTo(ActivationPrecision.MIXED);
    assertThat(ModelOptions.forManyTexts().settings().activationsUsed())
        .isEqualTo(ActivationPrecision.Q8);
    options.engine = Engine.REFERENCE;
    assertThat(options.settings().activationsUsed()).isEqualTo(ActivationPrecision.F32);
    options.engine = Engine.VECTOR;
    options.repack = ModelOptions.Switch.OFF;
    assertThat(options.settings().activationsUsed()).isEqualTo(ActivationPrecision.F32);
    options.repack = ModelOptions.Switch.ON;
    options.activations = ActivationPrecision.F32;
    assertThat(options.settings().activationsUsed()).isEqualTo(ActivationPrecision.F32);
  }

  // Decision 0020.
  @Test
  void keysAndValuesAreExactWhereverActivationsAre() {
    assumeThat(VectorWidth.vectorised()).as("rows lie side by side for vectors only").isTrue();
    ModelSettings exact = ModelSettings.DEFAULT;
    ModelSettings mixed = exact.withActivations(ActivationPrecision.MIXED);
    assertThat(OpenModel.cacheType(exact, Set.of(WeightType.Q4_K))).isEqualTo(CacheType.F32);
    assertThat(OpenModel.cacheType(mixed, Set.of(WeightType.Q4_K))).isEqualTo(CacheType.BF16);
    assertThat(OpenModel.cacheType(mixed, Set.of(WeightType.Q8_0, WeightType.BF16)))
        .isEqualTo(CacheType.F32);
    assertThat(OpenModel.cacheType(mixed, Set.of(WeightType.Q8_0, WeightType.Q6_K)))
        .isEqualTo(CacheType.BF16);
    assertThat(OpenModel.cacheType(mixed.withCacheType(CacheType.F32), Set.of(WeightType.Q4_K)))
        .isEqualTo(CacheType.F32);
    assertThat(OpenModel.cacheType(exact.withCacheType(CacheType.Q8_0), Set.of()))
        .isEqualTo(CacheType.Q8_0);
  }

  @Test
  void activationsStayExactWhereNoRowsLieSideBySide() {
    ModelOptions options = new ModelOptions();
    assertThat(options.settings().activationsUsed()).isEqualTo(ActivationPrecision.F32);
    options.activations = ActivationPrecision.Q8;
    options.repack = ModelOptions.Switch.OFF;
    assertThatThrownBy(options::settings).hasMessageContaining("give only one");
    assertThat(ModelSettings.DEFAULT.withActivations(ActivationPrecision.Q8).activationsUsed())
        .isEqualTo(VectorWidth.vectorised() ? ActivationPrecision.Q8 : ActivationPrecision.F32);
  }

  // The mean over the tokens of a text, in nats.
  private double divergence(String model, String type, String text) throws IOException {
    assumeThat(VectorWidth.vectorised()).as("rows lie side by side for vectors only").isTrue();
    Path file = folder.resolve("model.gguf");
    Run.of("quantize", model, file.toString(), "--type", type, "--quiet");
    float[][] exact = logits(file, text, ActivationPrecision.F32);
    float[][] rounded = logits(file, text, ActivationPrecision.Q8);
    double sum = 0;
    for (int token = 0; token < TOKENS; token++) {
      sum += divergence(exact[token], rounded[token]);
    }
    return sum / TOKENS;
  }

  // Logits after each token of a text, read one after the other.
  private static float[][] logits(Path file, String text, ActivationPrecision activations) {
    ModelSettings settings = ModelSettings.DEFAULT.withActivations(activations);
    float[][] logits = new float[TOKENS][];
    try (OpenModel open = OpenModel.open(file, settings, _ -> {});
        Sequence sequence = open.inference("declared", OptionalLong.empty()).newSequence()) {
      int[] ids = open.tokenizer().encode(text);
      for (int token = 0; token < TOKENS; token++) {
        try (PointerScope _ = new PointerScope()) {
          FloatBuffer buffer =
              sequence.logits(sequence.decode(ids[token])).contiguous().createBuffer();
          logits[token] = new float[buffer.remaining()];
          buffer.get(logits[token]);
        }
      }
    }
    return logits;
  }

  // Σ p · ln(p / q), in nats.
  private static double divergence(float[] exact, float[] rounded) {
    double exactSum = logSumExp(exact);
    double roundedSum = logSumExp(rounded);
    double divergence = 0;
    for (int id = 0; id < exact.length; id++) {
      double logP = exact[id] - exactSum;
      divergence += Math.exp(logP) * (logP - (rounded[id] - roundedSum));
    }
    return divergence;
  }

  private static double logSumExp(float[] logits) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    return Math.log(sum);
  }
}
