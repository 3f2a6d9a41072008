package dev.lengthwise.model;

import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Architecture.Block;
import dev.lengthwise.model.Architecture.FeedForwardKind;
import dev.lengthwise.model.Architecture.NormKind;
import dev.lengthwise.model.Architecture.Placement;
import dev.lengthwise.position.ModelShape;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The architectures that tests walk: every part of [Architecture] in at least one of them.
public final class Architectures {

  /// By name.
  public static final Map<String, Architecture> ALL =
      Map.ofEntries(
          Map.entry("llama", Architecture.LLAMA),
          Map.entry(
              "biased",
              with(NormKind.RMS, Placement.PRE, FeedForwardKind.SWIGLU, true, Block.ATTENTION)),
          Map.entry(
              "post",
              with(
                  NormKind.RMS_WITHOUT_GAIN,
                  Placement.POST,
                  FeedForwardKind.GELU,
                  false,
                  Block.ATTENTION)),
          Map.entry(
              "parallel",
              with(
                  NormKind.LAYER_NORM,
                  Placement.PARALLEL,
                  FeedForwardKind.GELU,
                  false,
                  Block.ATTENTION)),
          Map.entry(
              "neox",
              with(
                  NormKind.LAYER_NORM,
                  Placement.PARALLEL_TWO_NORMS,
                  FeedForwardKind.GELU_WITH_BIAS,
                  false,
                  Block.ATTENTION_WITH_BIAS)),
          Map.entry(
              "gau", with(NormKind.RMS, Placement.PRE, FeedForwardKind.SWIGLU, true, Block.GAU)),
          Map.entry(
              "gau-alpha",
              with(
                  NormKind.RMS_WITHOUT_GAIN,
                  Placement.POST,
                  FeedForwardKind.SWIGLU,
                  false,
                  Block.GAU)),
          Map.entry(
              "gau-squared-relu",
              with(
                  NormKind.LAYER_NORM,
                  Placement.PRE,
                  FeedForwardKind.SWIGLU,
                  false,
                  Block.GAU_SQUARED_RELU)),
          Map.entry(
              "lru",
              with(NormKind.LAYER_NORM, Placement.PRE, FeedForwardKind.GELU, false, Block.LRU)),
          Map.entry(
              "mixed",
              with(
                  NormKind.RMS,
                  Placement.POST,
                  FeedForwardKind.SWIGLU,
                  true,
                  Block.LRU,
                  Block.ATTENTION)),
          Map.entry(
              "gau-and-attention",
              with(
                  NormKind.RMS,
                  Placement.PRE,
                  FeedForwardKind.SWIGLU,
                  true,
                  Block.GAU,
                  Block.ATTENTION)));

  private Architectures() {}

  private static Architecture with(
      NormKind norm,
      Placement placement,
      FeedForwardKind feedForward,
      boolean bias,
      Block... blocks) {
    return new Architecture(norm, placement, feedForward, bias, List.of(blocks));
  }

  /// The architecture of this name.
  public static Architecture of(String name) {
    return Objects.requireNonNull(ALL.get(name));
  }

  /// A model of two layers, with one head where there is no layer of several.
  public static ModelSpec spec(String name, int vocabulary, int hidden, int inner) {
    Architecture architecture = of(name);
    boolean gated = architecture.hasOneHead();
    ModelShape shape =
        gated ? new ModelShape(2, 1, 1, 4, 4, 100, 16) : new ModelShape(2, 2, 1, 4, 4, 100, 16);
    return architecture.model(
        "lengthwise",
        new Architecture.Sizes(vocabulary, hidden, inner, 1e-5, true),
        shape,
        new Rope());
  }
}
