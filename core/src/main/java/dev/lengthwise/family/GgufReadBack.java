package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.gguf.GgufMetadata;
import dev.lengthwise.matrix.Activation;
import dev.lengthwise.matrix.Gating;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.OwnLayers;
import dev.lengthwise.position.PositionMethod;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads the header of a GGUF file in the making as any other: it holds only if it describes the
/// model that is written. Which layers have a window, say, llama.cpp knows by the architecture.
///
/// @param family of the model
/// @param format in which it is written, of the architecture that is tried
/// @param methods makes a method of what the header declares
record GgufReadBack(Family family, FileFormat format, MethodReader methods) {

  /// Whether the header describes `spec`.
  ///
  /// @param metadata of the file
  /// @param path named in messages
  boolean describes(ModelSpec spec, GgufMetadata metadata, Path path) {
    return read(metadata, spec, path, List.of())
        .filter(own -> own.withFamily(spec.family()).withDeclared(spec.declared()).equals(spec))
        .filter(own -> SamePlans.of(spec.shape(), own.declared(), sayable(spec)))
        .isPresent();
  }

  /// Whether the header describes layers that compute what those of `spec` do, whatever their
  /// positions: activations, norms and their order are what llama.cpp knows an architecture by.
  ///
  /// @param metadata of the file
  /// @param path named in messages
  /// @param rotation tensors of the file that say how frequencies are scaled
  boolean describesLayers(
      ModelSpec spec, GgufMetadata metadata, Path path, List<GgufParts.Part> rotation) {
    return read(metadata, spec, path, rotation)
        .filter(own -> own.embedding().equals(spec.embedding()))
        .filter(own -> own.lastNorm().equals(spec.lastNorm()))
        .filter(own -> asThere(own.layers()).equals(asThere(spec.layers())))
        .isPresent();
  }

  // llama.cpp computes GELU in its tanh form, which the exporter remarks on.
  private static List<LayerSpec> asThere(List<LayerSpec> layers) {
    return layers.stream()
        .map(own -> new LayerSpec(own.mixer(), asThere(own.feedForward()), own.residual()))
        .toList();
  }

  private static FeedForward asThere(FeedForward block) {
    return switch (block) {
      case FeedForward.Plain own ->
          new FeedForward.Plain(own.inner(), asThere(own.activation()), own.bias());
      case FeedForward.Gated own -> asThere(own);
      case FeedForward.Experts own -> {
        FeedForward.@Nullable Gated shared = own.shared();
        yield new FeedForward.Experts(
            own.count(),
            own.active(),
            asThere(own.expert()),
            own.router(),
            shared == null ? null : asThere(shared),
            own.sharedGate());
      }
      case FeedForward.None none -> none;
    };
  }

  private static FeedForward.Gated asThere(FeedForward.Gated block) {
    Gating own = block.gating();
    Gating there = new Gating(asThere(own.activation()), own.limit(), own.offset());
    return new FeedForward.Gated(block.inner(), there, block.bias(), block.outputBias());
  }

  private static Activation asThere(Activation activation) {
    return activation == Activation.GELU ? Activation.GELU_TANH : activation;
  }

  private Optional<ModelSpec> read(
      GgufMetadata metadata, ModelSpec spec, Path path, List<GgufParts.Part> rotation) {
    Map<String, TensorEntry> tensors = new LinkedHashMap<>();
    rotation.forEach(part -> tensors.put(part.name(), entry(part)));
    for (FileTensor tensor : new FileTensors(spec, format).written()) {
      tensors.put(tensor.name(), TensorEntry.ofFloats(tensor.name(), new float[0]));
    }
    GgufHeader header = new GgufHeader(metadata.header(), tensors, path);
    try {
      return Optional.of(family.spec(new Header(header, format, methods)));
    } catch (LengthwiseException | IllegalArgumentException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static TensorEntry entry(GgufParts.Part factors) {
    float[] values = new float[Math.toIntExact(factors.source().rowLength())];
    factors.source().readRow(0, values);
    return TensorEntry.ofFloats(factors.name(), values);
  }

  // GGUF has no word for "truncate" of YaRN: llama.cpp always rounds the ends of the ramp, which
  // the exporter remarks on.
  private PositionMethod sayable(ModelSpec spec) {
    PositionMethod declared = spec.declared();
    PositionMethod base = declared instanceof OwnLayers own ? own.base() : declared;
    PositionMethod rounded =
        methods.read(base.value().map(GgufReadBack::withoutTruncate), spec.shape());
    return declared instanceof OwnLayers own ? new OwnLayers(rounded, own.layers()) : rounded;
  }

  private static MethodTerm withoutTruncate(MethodTerm term) {
    return term.name().equals("yarn") ? term.without("truncate") : term;
  }
}
