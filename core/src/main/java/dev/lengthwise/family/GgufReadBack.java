package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.gguf.GgufMetadata;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.OwnLayers;
import dev.lengthwise.position.PositionMethod;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

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
    return read(metadata, spec, path)
        .filter(own -> own.withFamily(spec.family()).withDeclared(spec.declared()).equals(spec))
        .filter(own -> SamePlans.of(spec.shape(), own.declared(), sayable(spec)))
        .isPresent();
  }

  private Optional<ModelSpec> read(GgufMetadata metadata, ModelSpec spec, Path path) {
    Map<String, TensorEntry> tensors = new LinkedHashMap<>();
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
