package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.OwnLayers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What headers mean that leave out a key: the defaults of the configuration classes of
/// transformers 5.18, and of llama.cpp for GGUF files.
class FamilyDefaultsTest {

  private static ModelSpec without(String file, String... keys) {
    try (Checkpoint checkpoint = Checkpoints.open(Witness.resource(file))) {
      ObjectNode header = checkpoint.header();
      for (String key : keys) {
        header.remove(key);
      }
      return spec(MemoryCheckpoint.of(checkpoint, header));
    }
  }

  private static ModelSpec spec(Checkpoint checkpoint) {
    Families.Found found = Families.of(checkpoint);
    return found.family().spec(new Header(checkpoint, found.format(), Running.METHODS));
  }

  private static ObjectNode config(String type) {
    ObjectNode config = Witness.json(Witness.resource("hf/olmo3/config.json")).deepCopy();
    config.remove(List.of("rope_parameters", "rms_norm_eps", "max_position_embeddings"));
    return config.put("model_type", type);
  }

  @ParameterizedTest
  @CsvSource({
    "olmo2, 10000, 2048",
    "olmo3, 500000, 2048",
    "gemma2, 10000, 8192",
    "gemma3_text, 1000000, 131072",
    "cohere, 500000, 8192",
    "cohere2, 10000, 8192",
  })
  void basesAndLengthsAreThoseOfTheConfigurationClasses(String type, double base, long length) {
    ModelSpec spec = spec(new HeaderOnly(config(type)));
    assertThat(spec.shape().rotaryBase()).isEqualTo(base);
    assertThat(spec.shape().trainedLength()).isEqualTo(length);
  }

  @Test
  void theEpsilonOfOlmoTwoIsThatOfItsConfigurationClass() {
    assertThat(spec(new HeaderOnly(config("olmo2"))).lastNorm().epsilon()).isEqualTo(1e-5);
  }

  @Test
  void aGemmaTwoThatDoesNotSayHasTheCapsOfThePaper() {
    assertCaps(
        without(
            "gguf/gemma2.gguf", "gemma2.attn_logit_softcapping", "gemma2.final_logit_softcapping"),
        50,
        30);
    assertCaps(spec(new HeaderOnly(config("gemma2"))), 50, 30);
  }

  @Test
  void aGemmaTwoMayHaveNoCaps() {
    ObjectNode config = config("gemma2");
    config.putNull("attn_logit_softcapping").putNull("final_logit_softcapping");
    assertCaps(spec(new HeaderOnly(config)), 0, 0);
  }

  private static void assertCaps(ModelSpec spec, double scores, double logits) {
    Mixer.Attention attention = (Mixer.Attention) spec.layers().getFirst().mixer();
    assertThat(attention.scores().cap()).isEqualTo(scores);
    assertThat(spec.head().cap()).isEqualTo(logits);
  }

  // The class of MiniCPM: embedding and head are one, and every factor is 1.
  @Test
  void aMiniCpmThatDoesNotSayHasTheFactorsOfItsConfigurationClass() {
    ModelSpec spec =
        without(
            "hf/minicpm",
            "tie_word_embeddings",
            "scale_emb",
            "scale_depth",
            "dim_model_base",
            "rms_norm_eps");
    assertThat(spec.embedding().scale()).isEqualTo(1);
    assertThat(spec.layers().getFirst().residual().scale()).isEqualTo(1 / Math.sqrt(2));
    assertThat(spec.head()).isEqualTo(new Head(true, false, 1.0 / 24, 0));
    assertThat(spec.lastNorm().epsilon()).isEqualTo(1e-6);
  }

  @Test
  void anInternLmTwoThatDoesNotSayHasBiases() {
    ModelSpec spec = without("hf/internlm2-bias", "bias");
    assertThat(spec).isEqualTo(without("hf/internlm2-bias"));
    assertThat(spec).isNotEqualTo(without("hf/internlm2"));
  }

  @Test
  void theTensorsOfLongRopeNeedNoType() {
    String file = "gguf/phi3-longrope.gguf";
    assertThat(without(file, "phi3.rope.scaling.type")).isEqualTo(without(file));
    assertThat(without(file).declared().name()).startsWith("longrope");
  }

  @Test
  void expertsOfDeepSeekTwoAreChosenAmongAllWhereNoMethodIsNamed() {
    ModelSpec spec = without("hf/deepseek_v2", "topk_method");
    FeedForward.Experts experts = (FeedForward.Experts) spec.layers().getLast().feedForward();
    assertThat(experts.router().groups()).isEqualTo(1);
  }

  /// Losses of 96 ids under these defaults are among the fixtures (`…-silent`); only longer texts
  /// than those show the window.
  @ParameterizedTest
  @CsvSource({"exaone4-silent, 4096", "olmo3-silent, 4096", "gpt_oss-silent, 128"})
  void windowsAreThoseOfTheConfigurationClasses(String fixture, long window) {
    OwnLayers declared = (OwnLayers) without("hf/" + fixture).declared();
    LayerRule.Local first = (LayerRule.Local) declared.layers().getFirst();
    assertThat(first.region().retention().window()).isEqualTo(window);
    assertThat(declared.layers().getLast()).isNotInstanceOf(LayerRule.Local.class);
  }

  @Test
  void aMinistralThatDoesNotSayHasAWindowOnEveryLayer() {
    assertThat(without("hf/ministral", "sliding_window", "layer_types").declared().value().text())
        .isEqualTo("window:window=4096 over rope");
  }

  @Test
  void everySecondLayerOfAGptNeoThatDoesNotSayHasAWindow() {
    ModelSpec spec = without("hf/gpt_neo", "attention_types", "window_size");
    OwnLayers declared = (OwnLayers) spec.declared();
    assertThat(declared.layers())
        .containsExactly(
            new LayerRule.Global(), LayerRule.Local.window(256), new LayerRule.Global());
  }

  @ParameterizedTest
  @ValueSource(strings = {"exaone4", "olmo3"})
  void aWindowOfNullIsNone(String type) {
    ModelSpec spec = spec(new HeaderOnly(config(type).putNull("sliding_window")));
    assertThat(spec.declared()).isNotInstanceOf(OwnLayers.class);
  }

  @Test
  void aScalingThatIsNamedTakesThePlaceOfTheYarnOfGptOss() {
    ObjectNode config = Witness.json(Witness.resource("hf/gpt_oss-silent/config.json")).deepCopy();
    assertThat(spec(new HeaderOnly(config)).declared().value().text())
        .startsWith("yarn:factor=32,original=4096");
    config.putObject("rope_scaling").put("rope_type", "default");
    assertThat(spec(new HeaderOnly(config)).declared().value().text()).isEqualTo("rope");
  }
}
