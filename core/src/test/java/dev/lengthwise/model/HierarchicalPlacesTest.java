package dev.lengthwise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.family.LoadedModel;
import dev.lengthwise.family.ModelLoader;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Nope;
import dev.lengthwise.parallel.Workers;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/// Places of a tiny BERT beyond the 40 that it has learned, against the formula of kexue.fm 7947 as
/// it is written there.
class HierarchicalPlacesTest {

  private static final Path BERT = Path.of("src/test/resources/families/encoders/bert");
  private static final int LEARNED = 40;
  private static final int HIDDEN = 16;
  private static final double ALPHA = 0.4;
  private static final LayerAttention NOTHING = (_, queries, _, _) -> queries;

  private static float[] numbers(Checkpoint file, String name) {
    return file.tensor("embeddings." + name).toFloats();
  }

  // norm(E[1] + q + T[0]), with q = α u_i + (1 − α) u_j and u_i = (p_i − α p_1) / (1 − α).
  private static double[] expected(Checkpoint file, int place) {
    float[] words = numbers(file, "word_embeddings.weight");
    float[] places = numbers(file, "position_embeddings.weight");
    float[] types = numbers(file, "token_type_embeddings.weight");
    float[] gain = numbers(file, "LayerNorm.weight");
    float[] bias = numbers(file, "LayerNorm.bias");
    double[] sum = new double[HIDDEN];
    double mean = 0;
    for (int n = 0; n < HIDDEN; n++) {
      double high = (places[place / LEARNED * HIDDEN + n] - ALPHA * places[n]) / (1 - ALPHA);
      double low = (places[place % LEARNED * HIDDEN + n] - ALPHA * places[n]) / (1 - ALPHA);
      sum[n] = words[HIDDEN + n] + types[n] + ALPHA * high + (1 - ALPHA) * low;
      mean += sum[n] / HIDDEN;
    }
    double variance = 0;
    for (double number : sum) {
      variance += (number - mean) * (number - mean) / HIDDEN;
    }
    for (int n = 0; n < HIDDEN; n++) {
      sum[n] = (sum[n] - mean) / Math.sqrt(variance + 1e-12) * gain[n] + bias[n];
    }
    return sum;
  }

  private static float[] embedded(Decoder decoder, int tokens) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      long[] ids = new long[tokens];
      Arrays.fill(ids, 1);
      Tensor stream = decoder.embedded(Tensor.create(ids, 1, tokens), NOTHING).contiguous();
      float[] numbers = new float[tokens * HIDDEN];
      stream.<FloatBuffer>createBuffer().get(numbers);
      return numbers;
    }
  }

  @Test
  void furtherPlacesAreThoseOfTheFormulaAndTheLearnedOnesStay() {
    try (Workers workers = new Workers(1);
        Checkpoint file = Checkpoints.open(BERT.resolve("model.safetensors"));
        LoadedModel model =
            ModelLoader.load(
                BERT,
                (value, shape) -> new MethodParser(shape, new Nope()).method(value),
                null,
                workers)) {
      Decoder further = model.decoder().withHierarchicalPlaces(ALPHA);
      float[] found = embedded(further, 3 * LEARNED + 7);
      for (int place : new int[] {0, 5, 39, 40, 41, 79, 80, 3 * LEARNED + 6}) {
        double[] expected = expected(file, place);
        for (int n = 0; n < HIDDEN; n++) {
          assertThat(found[place * HIDDEN + n]).isCloseTo((float) expected[n], offset(2e-5f));
        }
      }
      assertThat(embedded(further, LEARNED)).isEqualTo(embedded(model.decoder(), LEARNED));
      assertThat(further.spec().embedding().longest()).isEqualTo(LEARNED * LEARNED);
      assertThatThrownBy(() -> embedded(model.decoder(), LEARNED + 1))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("has learned 40 places and none for token 41");
    }
  }
}
