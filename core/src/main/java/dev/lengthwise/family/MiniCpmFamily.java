package dev.lengthwise.family;

import dev.lengthwise.model.Embedding;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import java.util.List;

/// MiniCPM: Llama with factors on the embedding, the branches and the logits.
///
/// A key that a file of Hugging Face leaves out has the value of MiniCPM's configuration class; one
/// that a GGUF file leaves out, that of llama.cpp.
final class MiniCpmFamily implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 2048;
  private static final double EMBEDDING_SCALE = 12;
  private static final double DEPTH_SCALE = 1.4;
  private static final double BASE_SIZE = 256;

  @Override
  public String name() {
    return "minicpm";
  }

  @Override
  public boolean scalesRotation(String method) {
    return method.equals("linear") || method.equals("dynamic-ntk");
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable gguf =
        KeyTable.GGUF
            .with(Field.EMBEDDING_SCALE, "embedding_scale")
            .with(Field.RESIDUAL_SCALE, "residual_scale")
            .with(Field.LOGIT_DIVISOR, "logit_scale");
    KeyTable keys = KeyTable.LLAMA.with(Field.EMBEDDING_SCALE, "scale_emb");
    return List.of(
        FileFormat.huggingFace("minicpm", "MiniCPMForCausalLM", keys, Names.LLAMA),
        FileFormat.gguf("minicpm", Names.GGUF).with(gguf).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(LlamaFamily.biases(header)),
            header.gated(header.size(Field.INNER)),
            Residual.before(norm).scaled(residualScale(header)));
    return header
        .model(
            name(), heads, header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)), norm, layer)
        .withEmbedding(
            Embedding.scaled(
                header.number(Field.EMBEDDING_SCALE, header.isGguf() ? EMBEDDING_SCALE : 1)))
        .withHead(new Head(header.isTied(true), false, 1 / logitDivisor(header), 0));
  }

  private static double residualScale(Header header) {
    double root = Math.sqrt(header.size(Field.LAYERS));
    return header.isGguf()
        ? header.number(Field.RESIDUAL_SCALE, DEPTH_SCALE / root)
        : header.settings().number("scale_depth", 1) / root;
  }

  private static double logitDivisor(Header header) {
    double hidden = header.size(Field.HIDDEN);
    return header.isGguf()
        ? header.number(Field.LOGIT_DIVISOR, BASE_SIZE / hidden)
        : hidden / header.settings().number("dim_model_base", 1);
  }
}
