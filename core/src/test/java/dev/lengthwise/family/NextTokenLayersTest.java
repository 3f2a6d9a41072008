package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.matrix.MatrixProducts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The published DeepSeek-V3 holds a layer behind its last one, which transformers does not load
/// (`_keys_to_ignore_on_load_unexpected` of its class).
class NextTokenLayersTest {

  private static final Path MODEL = Witness.resource("hf/deepseek_v3");
  private static final int[] IDS = {3, 1, 4, 1, 5, 9, 2, 6};

  @TempDir private Path folder;

  // The last layer once more behind the last one, and what only such layers have.
  private static Map<String, TensorEntry> withNextTokenLayer(
      Checkpoint checkpoint, String last, String next, String joined) {
    Map<String, TensorEntry> tensors = new LinkedHashMap<>(checkpoint.tensors());
    checkpoint
        .tensors()
        .forEach(
            (name, entry) -> {
              if (name.startsWith(last)) {
                String further = next + name.substring(last.length());
                tensors.put(further, renamed(entry, further));
                tensors.put(next + joined, renamed(entry, next + joined));
              }
            });
    return tensors;
  }

  private static TensorEntry renamed(TensorEntry entry, String name) {
    return new TensorEntry(name, entry.type(), entry.shape(), entry.data());
  }

  private Path written(int nextTokenLayers) throws IOException {
    try (Checkpoint checkpoint = Checkpoints.open(MODEL)) {
      Map<String, TensorEntry> tensors =
          withNextTokenLayer(checkpoint, "model.layers.1.", "model.layers.2.", "eh_proj.weight");
      SafetensorsWriter.writeEntries(
          folder.resolve("model.safetensors"),
          SafetensorsWriter.TORCH_METADATA,
          List.copyOf(tensors.values()));
      ObjectNode config = checkpoint.header().put("num_nextn_predict_layers", nextTokenLayers);
      Files.writeString(folder.resolve("config.json"), config.toString());
    }
    return folder;
  }

  @Test
  void aLayerThatPredictsFurtherTokensChangesNothing() throws IOException {
    try (LoadedModel plain = Running.load(MODEL);
        LoadedModel longer = Running.load(written(1))) {
      assertThat(longer.spec()).isEqualTo(plain.spec());
      assertThat(Running.logits(longer, new ReferenceAttention(), IDS))
          .containsExactly(Running.logits(plain, new ReferenceAttention(), IDS));
    }
  }

  @Test
  void aLayerThatTheHeaderDoesNotNameIsRefused() throws IOException {
    Path file = written(0);
    assertThatThrownBy(() -> Running.load(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("says 2 layers, but the file holds the tensors of 3");
  }

  @Test
  void ggufFilesCountSuchLayersAmongTheirBlocks() {
    try (Checkpoint file = Checkpoints.open(Witness.resource("gguf/deepseek2-mla.gguf"))) {
      int layers = file.header().path("deepseek2.block_count").asInt();
      Map<String, TensorEntry> tensors =
          withNextTokenLayer(
              file, "blk." + (layers - 1) + ".", "blk." + layers + ".", "nextn.eh_proj.weight");
      ObjectNode header =
          file.header()
              .put("deepseek2.block_count", layers + 1)
              .put("deepseek2.nextn_predict_layers", 1);
      Checkpoint longer = new MemoryCheckpoint(file.path(), file.format(), header, tensors);
      Families.Found found = Families.of(longer);
      assertThat(found.spec(Running.METHODS)).isEqualTo(Families.of(file).spec(Running.METHODS));
      WeightFile weights =
          new WeightFile(
              longer,
              found.format(),
              found.spec(Running.METHODS),
              Precision.F32,
              new MatrixProducts(Running.WORKERS));
      assertThat(weights.mapped()).isNotNull();
    }
  }

  @Test
  void aHeaderMayNotCallAllLayersSuch() {
    try (Checkpoint file = Checkpoints.open(Witness.resource("gguf/deepseek2-mla.gguf"))) {
      int layers = file.header().path("deepseek2.block_count").asInt();
      ObjectNode header = file.header().put("deepseek2.nextn_predict_layers", layers);
      Families.Found found = Families.of(MemoryCheckpoint.of(file, header));
      assertThatThrownBy(() -> found.spec(Running.METHODS))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("deepseek2.nextn_predict_layers")
          .hasMessageContaining("less than the number of all layers, " + layers);
    }
  }
}
