package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.model.ModelSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Models of every family can be trained further: the header of a run's checkpoints describes them.
class TrainableModelTest {

  private static final HuggingFaceWriter FILES = new HuggingFaceWriter(Running.METHODS);

  static Stream<Path> models() {
    List<Path> paths = new ArrayList<>();
    for (String name : Witness.names("gguf")) {
      String file = Witness.json(Witness.resource("gguf/" + name + ".json")).get("gguf").asText();
      paths.add(Witness.resource("gguf/" + file));
    }
    Witness.names("hf").forEach(name -> paths.add(Witness.resource("hf/" + name)));
    return paths.stream().distinct();
  }

  @ParameterizedTest
  @MethodSource("models")
  void headerOfARunDescribesTheModel(Path path) {
    try (TrainableModel model = TrainableModel.open(path, Running.METHODS, Running.WORKERS)) {
      ObjectNode header = model.header(model.spec());
      ModelSpec read = FILES.spec(header);
      assertThat(read.withFamily(model.spec().family()).withDeclared(model.spec().declared()))
          .isEqualTo(model.spec());
      assertThat(SamePlans.of(read.shape(), read.declared(), model.spec().declared())).isTrue();
    }
  }
}
