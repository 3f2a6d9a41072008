package dev.lengthwise.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.encode.Pooling;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Encoders that others have trained, against onnxruntime on the published graph with Hugging
/// Face's tokenizers (`tools/OnnxVectors.java`).
class PublishedEncoderTest {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "BGE_SMALL_ZH, CLS, bge-small-zh.jsonl, chinese.txt",
    "MINI_LM, MEAN, minilm.jsonl, english.txt",
    "E5_SMALL, MEAN, e5-small.jsonl, english.txt",
  })
  void vectorsAreThoseOfOnnxruntime(
      PublishedEncoder.Source source, Pooling pooling, String vectors, String texts)
      throws IOException {
    try (Workshop workshop = new Workshop(Path.of(".."), folder, 1, Map.of(), line -> {})) {
      Path jar = source.jar(workshop);
      assumeTrue(
          Files.exists(jar),
          () ->
              jar
                  + " is not there: 'mvn -B -pl app -P encoders generate-resources' fetches it."
                  + " This test skips.");
      Path model = folder.resolve("model");
      source.write(jar, model);
      try (OpenEncoder open = OpenEncoder.of(model, workshop)) {
        List<float[]> found = open.encoder(pooling, 512).encode(lines(texts));
        List<String> expected = lines(vectors);
        assertThat(found).hasSameSizeAs(expected);
        for (int n = 0; n < found.size(); n++) {
          float[] witness = new ObjectMapper().readValue(expected.get(n), float[].class);
          assertThat(cosine(found.get(n), witness)).isCloseTo(1, within(1e-6));
          assertThat(found.get(n)).containsExactly(witness, within(2e-5f));
        }
      }
    }
  }

  private static List<String> lines(String name) throws IOException {
    try (InputStream input = PublishedEncoderTest.class.getResourceAsStream("/encoders/" + name)) {
      return new String(Objects.requireNonNull(input).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    }
  }

  private static double cosine(float[] one, float[] other) {
    double product = 0;
    for (int n = 0; n < one.length; n++) {
      product += (double) one[n] * other[n];
    }
    return product;
  }
}
