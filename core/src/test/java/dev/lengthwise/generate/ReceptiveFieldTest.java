package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.method.Hwfa;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/// How far back a stack of window layers looks.
class ReceptiveFieldTest {

  private static final int TOKENS = 24;
  private static final int WINDOW = 5;
  private static final ModelShape SHAPE = new ModelShape(3, 2, 2, 8, 8, 10_000, 32);

  /// kexue.fm 9603: `(window − 1) · (layers − 1) + 1` tokens reach the last layer, which sees
  /// everything.
  @Test
  void lastLayerOfHwfaSeesFeaturesOfAsManyTokensAsItsFieldHas() {
    int field = (WINDOW - 1) * (SHAPE.layers() - 1) + 1;
    try (PointerScope _ = new PointerScope()) {
      Decoder decoder = TinyDecoder.random(SHAPE, new Hwfa(WINDOW, 32), 3);
      int[] ids = TinyDecoder.ids(TOKENS, 5);
      float[][] queries = lastQueries(decoder, ids);
      ids[0] = (ids[0] + 1) % TinyDecoder.VOCABULARY;
      float[][] changed = lastQueries(decoder, ids);
      for (int token = 0; token < TOKENS; token++) {
        if (token < field) {
          assertThat(changed[token]).as("token " + token).isNotEqualTo(queries[token]);
        } else {
          assertThat(changed[token]).as("token " + token).isEqualTo(queries[token]);
        }
      }
    }
  }

  // The queries of the last layer, a row for each token.
  private static float[][] lastQueries(Decoder decoder, int[] ids) {
    PlanFunction plans = new PlanFunction(SHAPE, decoder.spec().declared(), new Hwfa(WINDOW, 32));
    TorchAttention attention = new TorchAttention();
    List<float[][]> all = new ArrayList<>();
    long[] wide = Arrays.stream(ids).asLongStream().toArray();
    decoder.hidden(
        Tensor.create(wide).view(1, ids.length),
        (layer, queries, keys, values) -> {
          all.add(rows(queries));
          return attention.attend(
              plans.plan(layer, ids.length),
              new QueryRows(queries, 0),
              KeyValueRows.fromStart(keys, values));
        });
    return all.getLast();
  }

  private static float[][] rows(Tensor queries) {
    float[][] rows = new float[(int) queries.size(1)][(int) (queries.size(2) * queries.size(3))];
    FloatBuffer buffer = queries.contiguous().createBuffer();
    for (float[] row : rows) {
      buffer.get(row);
    }
    return rows;
  }
}
