package dev.lengthwise.family;

import dev.lengthwise.model.Embedding;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import java.util.List;
import java.util.function.Function;

/// Granite: Llama with factors on the embedding, the branches, the scores and the logits.
final class GraniteFamily implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 2048;

  /// Keys of both Granites.
  static final KeyTable KEYS =
      KeyTable.LLAMA
          .with(Field.EMBEDDING_SCALE, "embedding_multiplier")
          .with(Field.RESIDUAL_SCALE, "residual_multiplier")
          .with(Field.SCORE_MULTIPLIER, "attention_multiplier")
          .with(Field.LOGIT_DIVISOR, "logits_scaling");

  /// Keys of both Granites in GGUF.
  static final KeyTable GGUF =
      KeyTable.GGUF
          .with(Field.EMBEDDING_SCALE, "embedding_scale")
          .with(Field.RESIDUAL_SCALE, "residual_scale")
          .with(Field.LOGIT_DIVISOR, "logit_scale");

  @Override
  public String name() {
    return "granite";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("granite", "GraniteForCausalLM", KEYS, Names.LLAMA),
        FileFormat.gguf("granite", Names.GGUF).with(GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    return model(
        name(),
        header,
        heads -> rope(header, heads),
        header
            .gated(header.size(Field.INNER))
            .biased(header.flagOrTensor(Field.FEED_FORWARD_BIAS, "blk.0.ffn_gate.bias", false)));
  }

  private static Mixer.Scores scores(Header header, Header.Heads heads) {
    return header.isGguf()
        ? header.scoreScale(heads)
        : Mixer.Scores.scaled(header.number(Field.SCORE_MULTIPLIER, 1) * Math.sqrt(heads.size()));
  }

  /// The rotary positions of all Granites.
  static RopeDeclaration rope(Header header, Header.Heads heads) {
    return header.rope(heads, RopeDeclaration.Defaults.length(LENGTH));
  }

  /// A Granite with these positions and feed-forward blocks.
  static ModelSpec model(
      String name,
      Header header,
      Function<Header.Heads, RopeDeclaration> positions,
      FeedForward feedForward) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    double branches = header.number(Field.RESIDUAL_SCALE, 1);
    double embedding = header.number(Field.EMBEDDING_SCALE, 1);
    double logits = 1 / header.number(Field.LOGIT_DIVISOR, 1);
    RopeDeclaration rope = positions.apply(heads);
    return header.checked(
        () -> {
          LayerSpec layer =
              new LayerSpec(
                  header
                      .attention(heads)
                      .with(LlamaFamily.biases(header))
                      .with(scores(header, heads)),
                  feedForward,
                  Residual.before(norm).scaled(branches));
          return header
              .model(name, heads, rope, norm, layer)
              .withEmbedding(Embedding.scaled(embedding))
              .withHead(new Head(header.isTied(false), false, logits, 0));
        });
  }
}
