package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.family.Witness.Way;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Numbers in headers that no model has, which once overflowed, hung or were taken for others.
class WrongHeaderTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hf/qwen3_moe | head_dim | 1000000000 | more than any model has; the header is wrong",
        "hf/qwen3_moe | num_experts | 1073741824 | must be at most 4096",
        "hf/deepseek_v2 | first_k_dense_replace | 1.5 | a whole number from 0",
        "hf/glm4_moe | n_shared_experts | -1 | a whole number from 0",
        "hf/mpt-3h | expansion_ratio | 1073741824 | times as many channels are fewer than 2^31",
        "hf/olmo | clip_qkv | 1e300 | in the range of single precision",
        "hf/phi3-swa | sliding_window | 1.5 | a whole number of tokens",
        "hf/smollm3-bias | no_rope_layer_interval | -1 | a whole number from 1",
        "encoders/roberta | pad_token_id | -5 | the id of a token",
        "encoders/roberta | pad_token_id | 10000000000 | the id of a token"
      })
  void aNumberThatNoModelHasIsRefusedWithItsKey(
      String name, String key, String value, String reason) throws IOException {
    ModelInPieces model = ModelInPieces.of(Witness.resource(name)).copy();
    model.header().remove("no_rope_layers");
    model.header().set(key, number(value));
    Path path = model.write(folder);
    assertThatThrownBy(() -> Way.KERNELS.load(path).close())
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining(reason);
  }

  private static JsonNode number(String text) throws JsonProcessingException {
    return JSON.readTree(text);
  }
}
