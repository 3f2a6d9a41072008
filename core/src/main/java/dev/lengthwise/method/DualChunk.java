package dev.lengthwise.method;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.Region;
import java.util.List;

/// Dual chunk attention: positions within chunks of `s = chunk − local` tokens.
///
///     same chunk       φ(i) = i mod s,                    ψ(j) = j mod s
///     previous chunk   φ(i) = min(i mod s + s, chunk),    ψ(j) = j mod s
///     older chunks     φ(i) = chunk,                      ψ(j) = j mod s
///
/// Distances up to `local` are exact.
///
/// Source: An et al. 2024, "Training-Free Long-Context Scaling" (ChunkLlama).
///
/// @param chunk largest relative position
/// @param local distance up to which positions are exact across chunks
public record DualChunk(long chunk, long local) implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "dual-chunk",
          "Positions within chunks: exact nearby, approximate in the chunk before, constant"
              + " beyond.",
          "An et al. 2024, ChunkLlama, arXiv 2402.17463",
          "Many times the trained length without training; sees every key, but older chunks lie on"
              + " top of one another.",
          List.of(
              MethodParameter.tokens(
                  "chunk", "three quarters of the trained length", "largest relative position"),
              MethodParameter.tokens(
                  "local",
                  "an eighth of the trained length",
                  "distance up to which positions are exact across chunks")),
          (parameters, shape, declared) ->
              new DualChunk(
                  parameters.tokens("chunk", Math.max(2, Math.round(shape.trainedLength() * 0.75))),
                  parameters.tokens(
                      "local", Math.max(1, Math.round(shape.trainedLength() / 8.0)))));

  /// Checks the parameters.
  public DualChunk {
    Checks.tokens("dual-chunk", "chunk", chunk, 1);
    Checks.tokens("dual-chunk", "local", local, 0);
    if (local >= chunk) {
      throw new LengthwiseException(
          "dual-chunk: local must be below chunk, found local=%d and chunk=%d"
              .formatted(local, chunk));
    }
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("dual-chunk").with("chunk", chunk).with("local", local));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    long size = chunk - local;
    PositionMap within = new PositionMap.Chunked(size, 0, Double.POSITIVE_INFINITY);
    PositionMap next = new PositionMap.Chunked(size, (double) size, (double) chunk);
    return PlanParts.of(
        new Branch(Region.chunks(size, Bounds.below(1)), within, within),
        new Branch(Region.chunks(size, new Bounds(1, 2)), next, within),
        new Branch(
            Region.chunks(size, Bounds.atLeast(2)), new PositionMap.Fixed((double) chunk), within));
  }

  /// One chunk: in the second, relative positions are still exact, but positions themselves start
  /// anew.
  @Override
  public long identityLength(ModelShape shape) {
    return chunk - local;
  }
}
