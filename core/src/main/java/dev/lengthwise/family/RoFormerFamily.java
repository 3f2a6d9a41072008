package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.Embedding;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.TaskHead;
import java.util.List;
import java.util.Optional;

/// RoFormer, BERT with rotary positions on neighbouring channels, and its second version, which has
/// neither biases nor gains (`norm_type` is `rms_norm`, `use_bias` is false).
///
/// Sources: J. Su et al. 2021, "RoFormer", arXiv 2104.09864; J. Su, kexue.fm 8998.
final class RoFormerFamily implements Family {

  private static final double EPSILON = 1e-12;
  private static final long LENGTH = 1536;
  private static final int TYPES = 2;

  // Sines and cosines that older files hold beside the weights.
  private static final NameMap NAMES =
      Names.BERT.ignoring(".*encoder\\.embed_positions\\.weight").optionally("roformer.");

  @Override
  public String name() {
    return "roformer";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("roformer", "RoFormerModel", KeyTable.BERT, NAMES)
            .withInterleavedPairs());
  }

  @Override
  public Optional<TaskForm> taskForm(TaskHead.Kind kind, Settings config, String type) {
    return Optional.of(
        switch (kind) {
          case CLASSIFICATION ->
              TaskForm.twoLayers(
                  new TaskHead.Inner(
                      Header.activation(config, "hidden_act", Activation.GELU), true, Norm.NONE));
          case CHOICE -> TaskForm.summary(config);
          case READING, TAGGING -> TaskForm.each(kind);
        });
  }

  @Override
  public boolean readsSummary() {
    return true;
  }

  @Override
  public ModelSpec spec(Header header) {
    Settings config = header.settings();
    header.requireEncoder();
    if (config.flag("rotary_value", false)) {
      throw config.bad("rotary_value", "false, the only value supported");
    }
    int hidden = header.size(Field.HIDDEN);
    if (config.sizeOr("embedding_size", hidden) != hidden) {
      throw config.bad("embedding_size", "the hidden size, " + hidden);
    }
    boolean second = config.text("norm_type").orElse("layer_norm").equals("rms_norm");
    double epsilon = header.number(Field.EPSILON, EPSILON);
    Norm norm = second ? Norm.rms(epsilon).with(false, false) : Norm.layer(epsilon);
    boolean biased = config.flag("use_bias", true);
    Header.Heads heads = header.heads();
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(biased ? Mixer.Biases.ALL : Mixer.Biases.NONE),
            new FeedForward.Plain(
                header.size(Field.INNER), header.activation(Activation.GELU), biased),
            Residual.afterSum(norm));
    return header
        .model(
            name(),
            heads,
            header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
            Norm.NONE,
            layer)
        .withEmbedding(Embedding.normed(norm).withTypes(header.types(TYPES)))
        .asEncoder();
  }
}
