package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.TinyModel;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.bench.SyntheticShape;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.runtime.ModelSettings;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `bench` builds its models beside those of the other commands: its options must arrive as well.
class BenchSubjectTest {

  @TempDir private Path folder;

  private static ModelOptions options() {
    ModelOptions options = new ModelOptions();
    options.cacheType = CacheType.Q8_0;
    options.engine = ModelSettings.Engine.REFERENCE;
    return options;
  }

  private static void assertFollowed(BenchSubject subject) {
    try (subject) {
      InferenceModel inference = subject.inference("declared", 8);
      assertThat(inference.cacheType()).isEqualTo(CacheType.Q8_0);
      assertThat(inference.engine()).isInstanceOf(ReferenceAttention.class);
    }
  }

  @Test
  void aModelFromAFileRunsAsTheOptionsSay() throws IOException {
    ModelOptions options = options();
    options.model = TinyModel.write(folder).toString();
    assertFollowed(BenchSubject.file(options));
  }

  @Test
  void aModelOfRandomWeightsRunsAsTheOptionsSay() {
    SyntheticShape shape = SyntheticShape.parse("dim=8,layers=1,heads=2,kv-heads=1,ffn=8,vocab=9");
    assertFollowed(BenchSubject.synthetic(shape, "f32", options()));
  }
}
