package dev.lengthwise.family;

import dev.lengthwise.family.NameRow.Arrangement;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;

/// InternLM 2: Llama with joined projections in Hugging Face's files.
final class InternLm2Family implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 2048;

  private static final NameMap NAMES =
      NameMap.of(
              NameRow.of("model.tok_embeddings", Slot.EMBEDDING),
              NameRow.of("model.norm", Slot.LAST_NORM),
              NameRow.of("output", Slot.HEAD),
              NameRow.of("model.layers.%l.attention_norm", Slot.MIXER_NORM),
              NameRow.of("model.layers.%l.attention.wqkv", Slot.QUERY, Slot.KEY, Slot.VALUE)
                  .arranged(Arrangement.BY_GROUP),
              NameRow.of("model.layers.%l.attention.wo", Slot.ATTENTION_OUTPUT),
              NameRow.of("model.layers.%l.ffn_norm", Slot.FEED_FORWARD_NORM),
              NameRow.of("model.layers.%l.feed_forward.w1", Slot.GATE),
              NameRow.of("model.layers.%l.feed_forward.w3", Slot.UP),
              NameRow.of("model.layers.%l.feed_forward.w2", Slot.DOWN))
          .ignoring(Names.FREQUENCIES);

  @Override
  public String name() {
    return "internlm2";
  }

  @Override
  public boolean scalesRotation(String method) {
    return method.equals("linear") || method.equals("dynamic-ntk");
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys = KeyTable.LLAMA.with(Field.ATTENTION_BIAS, "bias");
    return List.of(
        FileFormat.huggingFace("internlm2", "InternLM2ForCausalLM", keys, NAMES),
        FileFormat.gguf("internlm2", Names.GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(biases(header)),
            header.gated(header.size(Field.INNER)),
            Residual.before(norm));
    return header.model(
        name(), heads, header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)), norm, layer);
  }

  // Its configuration class has biases where the header does not say; every published one says.
  private static Mixer.Biases biases(Header header) {
    boolean silent = !header.isGguf() && !header.has(Field.ATTENTION_BIAS);
    return silent ? Mixer.Biases.ALL : LlamaFamily.biases(header);
  }
}
