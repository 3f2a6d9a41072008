package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainConfigTest {

  @TempDir Path folder;

  @Test
  void badConfigurationNamesTheField() throws IOException {
    Path file = folder.resolve("train.json");
    JsonFile.write(file, TinyTraining.config(5, 1));
    assertThat(TrainConfig.read(file)).isEqualTo(TinyTraining.config(5, 1));
    String good = Files.readString(file);

    Files.writeString(file, good.replace("\"layers\" : 2", "\"layers\" : 0"));
    assertThatThrownBy(() -> TrainConfig.read(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("model.layers")
        .hasMessageContaining("found 0");
    Files.writeString(file, good.replace("\"seed\" :", "\"sead\" : 3, \"seed\" :"));
    assertThatThrownBy(() -> TrainConfig.read(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("sead");
    Files.writeString(file, good.replace("\"weight\" : 0.1", "\"weight\" : -1.0"));
    assertThatThrownBy(() -> TrainConfig.read(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("data.training.weight")
        .hasMessageContaining("found -1.0");
    Files.writeString(file, good.replace("REPEATED", "SHUFFLED"));
    assertThatThrownBy(() -> TrainConfig.read(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("SHUFFLED");
  }
}
