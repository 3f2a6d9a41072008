package dev.lengthwise.family;

import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.position.MethodTerm;
import java.util.List;
import java.util.Optional;

/// Llama, as Hugging Face, GGUF and llama2.c files. GGUF files of Mixtral have its name, too.
final class LlamaFamily implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 2048;

  /// What llama2.c computes with; its files do not say.
  private static final double LLAMA2C_EPSILON = 1e-5;

  private static final FileFormat LLAMA2C =
      new FileFormat(
          Container.LLAMA2C,
          List.of(""),
          "",
          KeyTable.LLAMA
              .with(Field.VOCABULARY, "vocab_size")
              .with(Field.HIDDEN, "dim")
              .with(Field.INNER, "hidden_dim")
              .with(Field.LAYERS, "n_layers")
              .with(Field.HEADS, "n_heads")
              .with(Field.KEY_VALUE_HEADS, "n_kv_heads")
              .with(Field.LENGTH, "max_seq_len")
              .with(Field.TIED, "shared_classifier"),
          Names.LLAMA,
          true);

  @Override
  public String name() {
    return "llama";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("llama", "LlamaForCausalLM", KeyTable.LLAMA, Names.LLAMA)
            // Llama's layers, trained here with a method that Hugging Face does not have.
            .alsoReading(LengthwiseFamily.TYPE),
        FileFormat.gguf("llama", Names.GGUF).withInterleavedPairs(),
        LLAMA2C);
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    boolean llama2c = header.type().isEmpty();
    Norm norm = Norm.rms(header.number(Field.EPSILON, llama2c ? LLAMA2C_EPSILON : EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(biases(header)),
            feedForward(header),
            Residual.before(norm));
    return header.model(
        name(),
        heads,
        header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
        window(header),
        norm,
        _ -> layer);
  }

  /// Biases of attention: GGUF files do not say which there are.
  static Mixer.Biases biases(Header header) {
    if (header.isGguf()) {
      boolean inputs = header.hasTensor("blk.0.attn_q.bias");
      return new Mixer.Biases(inputs, inputs, inputs, header.hasTensor("blk.0.attn_output.bias"));
    }
    return header.flag(Field.ATTENTION_BIAS, false) ? Mixer.Biases.ALL : Mixer.Biases.NONE;
  }

  private static FeedForward feedForward(Header header) {
    boolean biased = header.flagOrTensor(Field.FEED_FORWARD_BIAS, "blk.0.ffn_gate.bias", false);
    FeedForward.Gated gated = header.gated(header.size(Field.INNER)).biased(biased);
    boolean mixture = header.isGguf() && header.positive(Field.EXPERTS).isPresent();
    return mixture ? Experts.of(header, gated, FeedForward.Router.softmax(true)) : gated;
  }

  /// The window of a GGUF file that names one; llama.cpp does not look at it under this name.
  private static Optional<MethodTerm> window(Header header) {
    return header.isGguf() && header.number(Field.WINDOW, 0) > 0
        ? Optional.of(windowOf(header.tokens(Field.WINDOW)))
        : Optional.empty();
  }

  /// The window that every layer has in files of Hugging Face; llama.cpp ignores it.
  static Optional<MethodTerm> hubWindow(Header header) {
    return header.isGguf() ? Optional.empty() : header.window().map(LlamaFamily::windowOf);
  }

  /// A window that every layer has.
  static MethodTerm windowOf(long tokens) {
    return new MethodTerm("window").with("window", tokens);
  }
}
