package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.family.Witness.Way;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Logits of llama.cpp on small random models of every architecture, in every way that models are
/// run here. `tools/family-fixtures.py` says where they are from.
class GgufWitnessTest {

  private static final float TOLERANCE = 2e-4f;

  /// For models of 32 layers and more, which are conditioned worse.
  private static final float DEEP_TOLERANCE = 1e-3f;

  private static final int DEEP = 32;

  static Stream<Arguments> everyFixtureInEveryWay() {
    List<String> names = Witness.names("gguf");
    return names.stream()
        .flatMap(name -> Arrays.stream(Way.values()).map(way -> Arguments.of(name, way)));
  }

  @ParameterizedTest
  @MethodSource("everyFixtureInEveryWay")
  void logitsAreThoseOfLlamaCpp(String name, Way way) throws IOException {
    JsonNode fixture = Witness.json(Witness.resource("gguf/" + name + ".json"));
    Path file = Witness.resource("gguf/" + fixture.get("gguf").asText());
    int[] ids = integers(fixture.get("ids"));
    try (LoadedModel model = way.load(file)) {
      float[] found =
          Witness.logits(model, model.spec().declared(), way, ids, fixture.get("context").asLong());
      int vocabulary = model.spec().vocabularySize();
      float tolerance = model.spec().layers().size() < DEEP ? TOLERANCE : DEEP_TOLERANCE;
      ByteBuffer expected =
          ByteBuffer.wrap(Files.readAllBytes(Witness.resource("gguf/" + name + ".logits.f32")))
              .order(ByteOrder.LITTLE_ENDIAN);
      for (int row : integers(fixture.get("rows"))) {
        float[] logits = new float[vocabulary];
        for (int token = 0; token < vocabulary; token++) {
          logits[token] = expected.getFloat();
        }
        assertThat(Arrays.copyOfRange(found, row * vocabulary, (row + 1) * vocabulary))
            .as("token %d", row)
            .containsExactly(logits, within(tolerance));
      }
    }
  }

  private static int[] integers(JsonNode numbers) {
    return StreamSupport.stream(numbers.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
