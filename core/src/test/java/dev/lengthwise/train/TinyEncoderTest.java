package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.family.HuggingFaceWriter;
import dev.lengthwise.family.TrainableModel;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.task.TaskExample;
import dev.lengthwise.task.TaskInput;
import dev.lengthwise.task.TaskReader;
import dev.lengthwise.torch.ComputeDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `--tiny` with the header of each family of encoders: what it makes is small, and learns with
/// each kind of head.
class TinyEncoderTest {

  private static final Path HEADERS = Path.of("src/test/resources/families/encoders");
  private static final double STEP = 0.1; // length of a step
  // Sizes as of real models, at each of which one layer alone is larger than a tiny encoder.
  private static final Map<String, Integer> LARGE =
      Map.of(
          "hidden_size",
          768,
          "embedding_size",
          768,
          "intermediate_size",
          3072,
          "num_hidden_layers",
          12,
          "num_attention_heads",
          12,
          "head_dim",
          64,
          "attention_key_size",
          128);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bert",
        "gau-alpha",
        "jina",
        "modernbert",
        "nomic-bert",
        "nomic-bert of its authors",
        "roberta",
        "roformer",
        "roformer-v2"
      })
  void everyFamilyIsMadeTinyAndLearnsWithEveryHead(String family) {
    ObjectNode tiny = TinyTask.encoder(header(family));
    for (TaskHead.Kind kind : TaskHead.Kind.values()) {
      List<TaskExample> examples = examples(kind);
      Path encoder = folder.resolve(kind.label().replace(' ', '-'));
      FreshEncoder.write(tiny, examples, 1, encoder, new HuggingFaceWriter(OpenModel::declared));
      List<String> labels =
          switch (kind) {
            case CLASSIFICATION -> List.of("yes", "no");
            case TAGGING -> List.of("O", "B-X", "I-X");
            case CHOICE, READING -> List.of();
          };
      try (PointerScope _ = new PointerScope();
          Workers workers = new Workers(1);
          TrainableModel model =
              TrainableModel.openFor(encoder, kind, labels, OpenModel::declared, workers)) {
        learns(model, examples);
      }
    }
  }

  private static ObjectNode header(String family) {
    if (family.equals("nomic-bert of its authors")) {
      return JsonObjects.readStrictObject(HEADERS.resolve("nomic-bert/config.json"))
          .removeAll()
          .put("model_type", "nomic_bert")
          .put("activation_function", "swiglu")
          .put("n_embd", 768)
          .put("n_head", 12)
          .put("n_inner", 3072)
          .put("n_layer", 12)
          .put("n_positions", 64)
          .put("type_vocab_size", 2);
    }
    ObjectNode header = JsonObjects.readStrictObject(HEADERS.resolve(family + "/config.json"));
    LARGE.forEach(
        (key, size) -> {
          if (header.has(key)) {
            header.put(key, size);
          }
        });
    if (header.get("layer_types") instanceof ArrayNode kinds) {
      while (kinds.size() < 12) {
        kinds.add("full_attention");
      }
    }
    return header;
  }

  private static List<TaskExample> examples(TaskHead.Kind kind) {
    String text = "the old ship left the harbour";
    return List.of(
        switch (kind) {
          case CLASSIFICATION ->
              new TaskExample.Classified(
                  "Line 1", text, Optional.of("a ship sails"), Optional.of("no"));
          case CHOICE ->
              new TaskExample.Choice(
                  "Line 1", text, List.of("soup", "it sails", "law"), OptionalInt.of(1));
          case READING ->
              new TaskExample.Question(
                  "Line 1", "what ?", text, List.of(new TaskExample.Answer("ship", 8)), true);
          case TAGGING ->
              new TaskExample.Tagged(
                  "Line 1",
                  "old ship left",
                  List.of(
                      new TaskExample.Span(0, 3),
                      new TaskExample.Span(4, 8),
                      new TaskExample.Span(9, 13)),
                  Optional.of(List.of("B-X", "I-X", "O")));
        });
  }

  private static void learns(TrainableModel model, List<TaskExample> examples) {
    ModelSpec spec = model.spec();
    TaskReader reader =
        new TaskReader(model.tokenizer().orElseThrow(), spec, new TaskReader.Limits(32, 4, false));
    List<TaskInput> inputs = examples.stream().map(reader::input).toList();
    try (Parameters parameters = Parameters.of(spec, model.weights(spec), 1, ComputeDevice.CPU)) {
      assertThat(parameters.count()).isLessThan(50_000);
      TaskGradient gradient = new TaskGradient(parameters);
      double before = step(parameters, gradient, inputs);
      double after = step(parameters, gradient, inputs);
      assertThat(after).as(spec.task().toString()).isFinite().isLessThan(before);
    }
  }

  private static double step(Parameters parameters, TaskGradient gradient, List<TaskInput> inputs) {
    return gradient.of(
        inputs,
        new Dropout(0, 1, 1),
        gradients -> {
          try (NoGradGuard _ = new NoGradGuard()) {
            double squares = 0;
            for (int n = 0; n < gradients.size(); n++) {
              squares += gradients.get(n).mul(gradients.get(n)).sum().item_double();
            }
            int n = 0;
            for (Tensor weight : parameters.tensors().values()) {
              weight.sub_(gradients.get(n++).mul(new Scalar(STEP / Math.sqrt(squares))));
            }
          }
        });
  }
}
