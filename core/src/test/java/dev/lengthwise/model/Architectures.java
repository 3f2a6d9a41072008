package dev.lengthwise.model;

import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Architecture.Block;
import dev.lengthwise.model.Architecture.FeedForward;
import dev.lengthwise.model.Architecture.Norm;
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
              "biased", with(Norm.RMS, Placement.PRE, FeedForward.SWIGLU, true, Block.ATTENTION)),
          Map.entry(
              "post",
              with(
                  Norm.RMS_WITHOUT_GAIN, Placement.POST, FeedForward.GELU, false, Block.ATTENTION)),
          Map.entry(
              "parallel",
              with(Norm.LAYER_NORM, Placement.PARALLEL, FeedForward.GELU, false, Block.ATTENTION)),
          Map.entry(
              "neox",
              with(
                  Norm.LAYER_NORM,
                  Placement.PARALLEL_TWO_NORMS,
                  FeedForward.GELU_WITH_BIAS,
                  false,
                  Block.ATTENTION_WITH_BIAS)),
          Map.entry("gau", with(Norm.RMS, Placement.PRE, FeedForward.SWIGLU, true, Block.GAU)),
          Map.entry(
              "gau-alpha",
              with(Norm.RMS_WITHOUT_GAIN, Placement.POST, FeedForward.SWIGLU, false, Block.GAU)),
          Map.entry(
              "gau-squared-relu",
              with(
                  Norm.LAYER_NORM,
                  Placement.PRE,
                  FeedForward.SWIGLU,
                  false,
                  Block.GAU_SQUARED_RELU)),
          Map.entry(
              "lru", with(Norm.LAYER_NORM, Placement.PRE, FeedForward.GELU, false, Block.LRU)),
          Map.entry(
              "mixed",
              with(Norm.RMS, Placement.POST, FeedForward.SWIGLU, true, Block.LRU, Block.ATTENTION)),
          Map.entry(
              "gau-and-attention",
              with(Norm.RMS, Placement.PRE, FeedForward.SWIGLU, true, Block.GAU, Block.ATTENTION)));

  private Architectures() {}

  private static Architecture with(
      Norm norm, Placement placement, FeedForward feedForward, boolean bias, Block... blocks) {
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
    return new ModelSpec(
        "lengthwise", vocabulary, hidden, inner, 1e-5, shape, new Rope(), architecture);
  }
}
