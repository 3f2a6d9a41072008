package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.Embedding;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.Weighting;
import java.util.List;
import java.util.Optional;

/// GAU-α: gated attention units of one head in place of attention and feed-forward blocks, with
/// norms without gains after the sums. Scores of a text of `n` tokens are multiplied by
/// `log₅₁₂ max(n, 16)`.
///
/// Source: J. Su, kexue.fm 9052, and bert4keras, which has the 16; names and keys are those of the
/// port to PyTorch, which does not have it.
final class GauAlphaFamily implements Family {

  private static final double EPSILON = 1e-12;
  private static final long LENGTH = 512;
  private static final int TYPES = 2;
  private static final String SCALED = "softmax_plus";
  private static final long LOG_BASE = 512;
  private static final double SHORTEST = 16;

  private static final KeyTable KEYS =
      KeyTable.BERT.without(Field.HEADS).with(Field.HEAD_SIZE, "attention_key_size");

  private static final NameMap NAMES =
      NameMap.of(
              NameRow.of("embeddings.word_embeddings", Slot.EMBEDDING),
              NameRow.of("embeddings.token_type_embeddings", Slot.TYPES),
              NameRow.of("encoder.layer.%l.gau.i_dense", Slot.UNIT_INPUT),
              NameRow.of("encoder.layer.%l.gau.q_scaleoffset", Slot.UNIT_QUERY),
              NameRow.of("encoder.layer.%l.gau.k_scaleoffset", Slot.UNIT_KEY),
              NameRow.of("encoder.layer.%l.gau.o_dense", Slot.UNIT_OUTPUT))
          .ignoring("cls\\..*")
          .optionally("gau_alpha.");

  @Override
  public String name() {
    return "gau-alpha";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("gau_alpha", "GAUAlphaModel", KEYS, NAMES).withInterleavedPairs());
  }

  @Override
  public Optional<TaskForm> taskForm(TaskHead.Kind kind, Settings config, String type) {
    return Optional.of(
        switch (kind) {
          case CLASSIFICATION, CHOICE -> TaskForm.summary(config);
          case READING, TAGGING -> TaskForm.each(kind);
        });
  }

  @Override
  public boolean readsSummary() {
    return true;
  }

  @Override
  public ModelSpec spec(Header header) {
    header.requireActivation(Activation.SILU);
    requireKnown(header.settings());
    Header.Heads heads = new Header.Heads(1, 1, header.size(Field.HEAD_SIZE));
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON)).with(false, false);
    LayerSpec layer =
        new LayerSpec(
            new Mixer.GatedUnit(header.size(Field.INNER), heads.size(), false, Weighting.SOFTMAX),
            FeedForward.NONE,
            Residual.afterSum(norm));
    ModelSpec plain =
        header.model(
            name(),
            heads,
            header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
            Norm.NONE,
            layer);
    return plain
        .withDeclared(header.methods().read(method(header.settings()), plain.shape()))
        .withEmbedding(Embedding.normed(norm).withTypes(header.types(TYPES)))
        .asEncoder();
  }

  private static MethodValue method(Settings config) {
    MethodValue rope = MethodValue.of(new MethodTerm("rope"));
    return config.text("normalization").orElse(SCALED).equals(SCALED)
        ? MethodValue.of(
                new MethodTerm("log-n")
                    .with("base", LOG_BASE)
                    .with("minimum", Math.log(SHORTEST) / Math.log(LOG_BASE)))
            .over(rope)
        : rope;
  }

  private static void requireKnown(Settings config) {
    String normalization = config.text("normalization").orElse(SCALED);
    if (!normalization.equals(SCALED) && !normalization.equals("softmax")) {
      throw config.bad("normalization", "\"softmax_plus\" or \"softmax\"");
    }
    if (config.flag("use_bias", false)) {
      throw config.bad("use_bias", "false, the only value supported");
    }
    if (!config.flag("attention_scale", true)) {
      throw config.bad("attention_scale", "true, the only value supported");
    }
    int hidden = config.size("hidden_size");
    if (config.sizeOr("embedding_size", hidden) != hidden) {
      throw config.bad("embedding_size", "the hidden size, " + hidden);
    }
  }
}
