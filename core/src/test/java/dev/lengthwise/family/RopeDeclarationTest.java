package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Rope settings in every spelling; the configurations are those of published models, reduced to
/// the keys that matter.
class RopeDeclarationTest {

  @Test
  void longRopeHasThePublishedAttentionFactors() {
    assertThat(RopeDeclaration.longRopeAttention(32, 4096)).isCloseTo(1.190238, within(1e-6));
    assertThat(RopeDeclaration.longRopeAttention(8, 512)).isCloseTo(1.154701, within(1e-6));
    assertThat(RopeDeclaration.longRopeAttention(1, 512)).isEqualTo(1);
    assertThat(RopeDeclaration.longRopeAttention(4, 1)).isEqualTo(1);
  }

  private static final int HEAD_SIZE = 16;

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          nothing | {} | 10000 | 2048 | rope
          null scaling | {"rope_theta":1e6,"rope_scaling":null,"max_position_embeddings":9} | 1000000 | 9 | rope
          Qwen2-7B | {"max_position_embeddings":131072,"rope_theta":1000000.0,"sliding_window":131072} | 1000000 | 131072 | rope
          Mistral-7B | {"max_position_embeddings":32768,"rope_theta":10000.0} | 10000 | 32768 | rope
          old linear | {"max_position_embeddings":4096,"rope_scaling":{"type":"linear","factor":2.5}} | 10000 | 4096 | linear:factor=2.5
          new linear | {"rope_theta":5e5,"rope_scaling":{"rope_type":"linear","factor":4}} | 500000 | 2048 | linear:factor=4
          newest linear | {"rope_parameters":{"rope_type":"linear","factor":4.0,"rope_theta":5e5}} | 500000 | 2048 | linear:factor=4
          newest plain | {"rope_parameters":{"rope_theta":7e4}} | 70000 | 2048 | rope
          newest default | {"rope_theta":3e4,"rope_parameters":{"rope_type":"default"}} | 30000 | 2048 | rope
          newest by type of layer | {"rope_parameters":{"full_attention":{"rope_type":"linear","factor":8.0,"rope_theta":1e6},"sliding_attention":{"rope_type":"default","rope_theta":1e4}}} | 1000000 | 2048 | linear:factor=8
          both type keys | {"rope_scaling":{"type":"dynamic","rope_type":"linear","factor":4}} | 10000 | 2048 | linear:factor=4
          dynamic | {"max_position_embeddings":4096,"rope_scaling":{"type":"dynamic","factor":2.0}} | 10000 | 4096 | dynamic-ntk:factor=2,original=4096
          dynamic with original | {"max_position_embeddings":8192,"rope_scaling":{"type":"dynamic","factor":2.0,"original_max_position_embeddings":4096}} | 10000 | 4096 | dynamic-ntk:factor=2,original=4096
          Llama-3.1 | {"max_position_embeddings":131072,"rope_scaling":{"factor":8.0,"high_freq_factor":4.0,"low_freq_factor":1.0,"original_max_position_embeddings":8192,"rope_type":"llama3"},"rope_theta":500000.0} | 500000 | 8192 | llama3:factor=8,low=1,high=4,original=8192
          Yarn-Llama-2-7b-128k | {"max_position_embeddings":131072,"rope_scaling":{"factor":32.0,"finetuned":true,"original_max_position_embeddings":4096,"type":"yarn"},"rope_theta":10000.0} | 10000 | 4096 | yarn:factor=32,original=4096
          Qwen2.5 with yarn | {"max_position_embeddings":32768,"rope_theta":1000000.0,"rope_scaling":{"factor":4.0,"original_max_position_embeddings":32768,"type":"yarn"}} | 1000000 | 32768 | yarn:factor=4,original=32768
          yarn without original | {"max_position_embeddings":512,"rope_scaling":{"rope_type":"yarn","factor":4,"attention_factor":1.25,"truncate":false}} | 10000 | 512 | yarn:factor=4,original=512,attention=1.25,truncate=false
          DeepSeek-V3 | {"max_position_embeddings":163840,"rope_scaling":{"beta_fast":32,"beta_slow":1,"factor":40,"mscale":1.0,"mscale_all_dim":1.0,"original_max_position_embeddings":4096,"type":"yarn"},"rope_theta":10000} | 10000 | 4096 | yarn:factor=40,original=4096,low=1,high=32,mscale=1,mscale_all_dim=1
          longrope | {"max_position_embeddings":1024,"rope_parameters":{"rope_type":"longrope","original_max_position_embeddings":1024,"short_factor":[1,1.5],"long_factor":[2.25,8],"attention_factor":1.1}} | 10000 | 1024 | longrope:short=1;1.5,long=2.25;8,original=1024,attention=1.1
          longrope of the block | {"max_position_embeddings":64,"rope_scaling":{"rope_type":"longrope","factor":4,"short_factor":[1],"long_factor":[2],"original_max_position_embeddings":16}} | 10000 | 16 | longrope:short=1;,long=2;,original=16,attention=1.224744871391589
          """)
  void everySpellingBecomesAMethod(
      String name, String config, double base, long trainedLength, String method) {
    RopeDeclaration found = read(config);
    assertThat(found).isEqualTo(new RopeDeclaration(base, HEAD_SIZE, trainedLength, term(method)));
  }

  /// Phi-3-mini-128k: the original length stands outside of the block and gives the temperature
  /// `√(1 + ln 32 / ln 4096)`.
  @ParameterizedTest
  @CsvSource({"su", "longrope"})
  void phiThreeTakesItsTemperatureFromTheTwoLengths(String type) {
    RopeDeclaration found =
        read(
            """
            {"max_position_embeddings": 131072, "original_max_position_embeddings": 4096,
             "rope_theta": 10000.0, "rope_scaling": {"type": "%s",
             "long_factor": [1.07, 64.7], "short_factor": [1.05, 3.5]}}
            """
                .formatted(type));
    assertThat(found.trainedLength()).isEqualTo(4096);
    assertThat(found.method())
        .isEqualTo(
            term("longrope:short=1.05;3.5,long=1.07;64.7,original=4096")
                .with("attention", Math.sqrt(1 + Math.log(32) / Math.log(4096))));
  }

  private static MethodTerm term(String text) {
    return MethodText.read(text).terms().getFirst();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"partial_rotary_factor":0.5}                                         | 0.5
          {"rope_parameters":{"rope_theta":1e4,"partial_rotary_factor":0.25}}   | 0.25
          """)
  void shareOfRotaryChannelsIsRead(String config, double share) {
    assertThat(read(config).rotarySize()).isEqualTo((int) (HEAD_SIZE * share));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"rope_scaling":{"type":"ntk","factor":2}}            | "type" of rope_scaling in config.json of config.json must be one of default, linear, dynamic, yarn, longrope, su, llama3, found "ntk"
          {"rope_scaling":{"rope_type":"mrope"}}                | "rope_type"
          {"rope_scaling":{"rope_type":3}}                      | "rope_type"
          {"rope_scaling":{"factor":2}}                         | "rope_type" of rope_scaling in config.json of config.json must be one of default
          {"rope_parameters":{"full_attention":{"factor":2}}}             | "rope_type" of full_attention
          {"rope_scaling":{"type":"linear"}}                    | "factor" of rope_scaling in config.json of config.json must be a finite number, found nothing
          {"rope_scaling":{"type":"dynamic"}}                   | "factor"
          {"rope_scaling":{"type":"yarn"}}                      | "factor"
          {"rope_scaling":{"type":"yarn","factor":"4"}}         | found "4"
          {"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4}}                          | "original_max_position_embeddings"
          {"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"original_max_position_embeddings":8}}          | "high_freq_factor"
          {"rope_scaling":{"rope_type":"llama3","factor":8,"high_freq_factor":1,"original_max_position_embeddings":8}}         | "low_freq_factor"
          {"rope_scaling":{"rope_type":"longrope","long_factor":[1]}}                    | "short_factor"
          {"rope_scaling":{"rope_type":"longrope","long_factor":["x"],"short_factor":[1]}} | "long_factor"
          {"rope_scaling":"linear"}                             | must be an object
          {"rope_scaling":{"type":"linear","factor":2},"rope_parameters":{"rope_type":"default"}} | "rope_scaling"
          {"rope_theta":"x"}                                    | "rope_theta"
          {"max_position_embeddings":0}                         | "max_position_embeddings"
          {"partial_rotary_factor":0}                           | "partial_rotary_factor"
          """)
  void anythingElseIsAnErrorThatNamesTheKey(String config, String message) {
    assertThatThrownBy(() -> read(config))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining(message);
  }

  private static RopeDeclaration read(String json) {
    try {
      ObjectNode config = (ObjectNode) new ObjectMapper().readTree(json);
      FileFormat format = FileFormat.huggingFace("x", "X", KeyTable.LLAMA, Names.LLAMA);
      Header header = new Header(new HeaderOnly(config), format, Running.METHODS);
      return RopeDeclaration.of(header, HEAD_SIZE, RopeDeclaration.Defaults.length(2048));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(json, e);
    }
  }
}
