package dev.lengthwise.checkpoint.llama2c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Damage;
import dev.lengthwise.checkpoint.FileBytes;
import dev.lengthwise.checkpoint.RealModels;
import dev.lengthwise.checkpoint.TensorEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Llama2cFileTest {

  private static final int DIM = 4;
  private static final int HIDDEN = 6;
  private static final int LAYERS = 2;
  private static final int VOCABULARY = 3;
  private static final int LENGTH = 5;
  private static final int GROUP = 2;

  @TempDir Path folder;

  /// Writes tensors whose every element is the number of the tensor, 1, 2, 3 … in file order.
  private static final class Writer {
    private final FileBytes bytes = new FileBytes();
    private final List<String> names = new ArrayList<>();
    private boolean quantised;

    void add(String name, int elements) {
      names.add(name);
      int value = names.size();
      if (quantised) {
        int[] bytesOfTensor = new int[elements];
        Arrays.setAll(bytesOfTensor, i -> i % 2 == 0 ? 2 * value : -value);
        float[] scales = new float[elements / GROUP];
        Arrays.fill(scales, 0.5f);
        bytes.u8(bytesOfTensor).f32(scales);
      } else {
        float[] floats = new float[elements];
        Arrays.fill(floats, value);
        bytes.f32(floats);
      }
    }

    void layers(String part, int elements) {
      for (int layer = 0; layer < LAYERS; layer++) {
        add("model.layers." + layer + "." + part + ".weight", elements);
      }
    }

    void attention() {
      layers("self_attn.q_proj", DIM * DIM);
      layers("self_attn.k_proj", DIM * DIM / 2);
      layers("self_attn.v_proj", DIM * DIM / 2);
      layers("self_attn.o_proj", DIM * DIM);
    }

    void feedForward() {
      layers("mlp.gate_proj", HIDDEN * DIM);
      layers("mlp.down_proj", HIDDEN * DIM);
      layers("mlp.up_proj", HIDDEN * DIM);
    }
  }

  private static Writer write(int version, boolean shared) {
    Writer writer = new Writer();
    int vocabulary = version == 0 && !shared ? -VOCABULARY : VOCABULARY;
    if (version > 0) {
      writer.bytes.i32(0x616b3432, version);
    }
    writer.bytes.i32(DIM, HIDDEN, LAYERS, 2, 1, vocabulary, LENGTH);
    if (version == 0) {
      writer.add("model.embed_tokens.weight", VOCABULARY * DIM);
      writer.layers("input_layernorm", DIM);
      writer.attention();
      writer.layers("post_attention_layernorm", DIM);
      writer.feedForward();
      writer.add("model.norm.weight", DIM);
      writer.bytes.f32(new float[LENGTH * DIM / 2]);
    } else {
      writer.bytes.u8(shared ? 1 : 0).i32(version == 2 ? GROUP : 0).padTo(256);
      writer.layers("input_layernorm", DIM);
      writer.layers("post_attention_layernorm", DIM);
      writer.add("model.norm.weight", DIM);
      writer.quantised = version == 2;
      writer.add("model.embed_tokens.weight", VOCABULARY * DIM);
      writer.attention();
      writer.feedForward();
    }
    if (!shared) {
      writer.add("lm_head.weight", VOCABULARY * DIM);
    }
    return writer;
  }

  @ParameterizedTest
  @CsvSource({"0,true", "0,false", "1,true", "1,false", "2,true", "2,false"})
  void everyVersionHasItsTensorsInItsOrder(int version, boolean shared) {
    Writer writer = write(version, shared);
    try (Llama2cFile file = Llama2cFile.open(writer.bytes.writeTo(folder.resolve("x.bin")));
        PointerScope _ = new PointerScope()) {
      assertThat(file.format()).isEqualTo("llama2.c");
      assertThat(file.tensors().keySet()).containsExactlyElementsOf(writer.names);
      for (int i = 0; i < writer.names.size(); i++) {
        TensorEntry entry = file.tensor(writer.names.get(i));
        boolean quantised = version == 2 && !entry.name().contains("norm");
        for (float value : entry.toFloats()) {
          if (quantised && value < 0) {
            assertThat(value).as(entry.name()).isEqualTo(-0.5f * (i + 1));
          } else {
            assertThat(value).as(entry.name()).isEqualTo(i + 1);
          }
        }
        assertThat(entry.toTensor().flatten().get(0).item_float()).isEqualTo(i + 1);
      }
      assertThat(file.tensor("model.layers.1.self_attn.k_proj.weight").shape())
          .containsExactly(2, 4);
      assertThat(file.tensor("model.layers.1.mlp.down_proj.weight").shape()).containsExactly(4, 6);
      assertThat(file.tensor("model.layers.1.mlp.up_proj.weight").shape()).containsExactly(6, 4);
      ObjectNode header = file.header();
      assertThat(header.path("version").asInt()).isEqualTo(version);
      assertThat(header.path("vocab_size").asInt()).isEqualTo(VOCABULARY);
      assertThat(header.path("shared_classifier").asBoolean()).isEqualTo(shared);
      assertThat(header.path("max_seq_len").asInt()).isEqualTo(LENGTH);
      assertThat(header.path("group_size").asInt()).isEqualTo(version == 2 ? GROUP : 0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void everyTruncationAndOneByteMoreIsRefused(int version) {
    byte[] valid = write(version, false).bytes.bytes();
    Damage.everyPrefixIsRefused(folder, valid, Llama2cFile::open);
    Path longer = FileBytes.write(folder.resolve("x"), Arrays.copyOf(valid, valid.length + 1));
    assertThatThrownBy(() -> Llama2cFile.open(longer))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll((valid.length + 1) + " bytes", "expected " + valid.length);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void changedHeaderBytesAreReadOrRefused(int version) {
    byte[] valid = write(version, true).bytes.bytes();
    Damage.changedBytesAreReadOrRefused(folder, valid, version == 0 ? 28 : 41, Llama2cFile::open);
  }

  @ParameterizedTest
  @CsvSource({
    "0,6,2,2,1,3,5",
    "-4,6,2,2,1,3,5",
    "4,0,2,2,1,3,5",
    "4,6,0,2,1,3,5",
    "4,6,2,0,1,3,5",
    "4,6,2,3,1,3,5",
    "4,6,2,4,1,3,5",
    "4,6,2,2,0,3,5",
    "12,6,2,3,2,3,5",
    "4,6,2,2,3,3,5",
    "4,6,2,2,1,0,5",
    "4,6,2,2,1,-2147483648,5",
    "4,6,2,2,1,3,0",
    "2147483647,2147483647,2147483647,1,1,2147483647,2147483647"
  })
  void implausibleNumbersAreRefused(
      int dim, int hidden, int layers, int heads, int kvHeads, int vocabulary, int length) {
    Path path =
        new FileBytes()
            .i32(dim, hidden, layers, heads, kvHeads, vocabulary, length)
            .f32(new float[500])
            .writeTo(folder.resolve("bad.bin"));
    assertThatThrownBy(() -> Llama2cFile.open(path))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("bad.bin", "not a valid llama2.c file");
  }

  @Test
  void unknownVersionFlagGroupAndScaleAreRefused() {
    refused(bytes -> bytes[4] = 3, "version 3");
    refused(bytes -> bytes[36] = 7, "flag is 7");
    refused(bytes -> bytes[37] = 5, "groups of 5");
    refused(bytes -> bytes[37] = 0, "groups of 0");
    refused(bytes -> bytes[bytes.length - 1] = -1, "scale 5 of lm_head.weight");
  }

  private void refused(Consumer<byte[]> change, String message) {
    byte[] bytes = write(2, false).bytes.bytes();
    change.accept(bytes);
    Path path = FileBytes.write(folder.resolve("bad.bin"), bytes);
    assertThatThrownBy(() -> Llama2cFile.open(path))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("bad.bin", message);
  }

  @ParameterizedTest
  @CsvSource({
    "models/babyllama-105/model5000.bin, 128, 352, 5, 105, 256",
    "models/stories260K/stories260K.bin, 64, 172, 5, 512, 512"
  })
  void realFilesAreRead(
      String name, int dim, int hidden, int layers, int vocabulary, int trainedLength) {
    try (Llama2cFile file = Llama2cFile.open(RealModels.file(name))) {
      assertThat(file.header().path("n_layers").asInt()).isEqualTo(layers);
      assertThat(file.header().path("max_seq_len").asInt()).isEqualTo(trainedLength);
      assertThat(file.header().path("shared_classifier").asBoolean()).isTrue();
      assertThat(file.tensors()).hasSize(9 * layers + 2);
      assertThat(file.tensor("model.embed_tokens.weight").shape()).containsExactly(vocabulary, dim);
      assertThat(file.tensor("model.layers.4.mlp.gate_proj.weight").shape())
          .containsExactly(hidden, dim);
      assertThat(file.tensor("model.layers.4.self_attn.k_proj.weight").shape())
          .containsExactly(dim / 2, dim);
      // Norm weights grow from 1 in training, so they show that the order of tensors is right.
      for (String norm : List.of("model.norm.weight", "model.layers.4.input_layernorm.weight")) {
        for (float value : file.tensor(norm).toFloats()) {
          assertThat(value).isBetween(0.05f, 10f);
        }
      }
    }
  }
}
