package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.DistanceBias;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.RotaryTable;
import java.util.List;

/// Sandwich: no rotation, and the inner product of sinusoidal positions as a bias without learned
/// numbers.
///
///     β_h(ρ) = [ Σ_{m=1}^{D/2} cos(ρ / 10000^{2m/D}) − D/2 ] / (8h/H)
///
/// Source: Chi et al. 2023, "Dissecting Transformer Length Extrapolation via the Lens of Receptive
/// Field Analysis".
///
/// @param channels `D`
public record Sandwich(long channels) implements PositionMethod {

  private static final long MOST_CHANNELS = 1 << 16;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "sandwich",
          "No rotation; the inner product of sinusoidal positions is added to scores.",
          "Chi et al. 2023, Sandwich, arXiv 2212.10356",
          "For models trained with it: flat loss at several times the trained length, much as"
              + " alibi. On another checkpoint it destroys the model.",
          List.of(
              MethodParameter.tokens(
                  "channels", "128", "channels of the sinusoidal positions, an even number")),
          (parameters, shape, declared) -> new Sandwich(parameters.tokens("channels", 128)));

  /// Checks the number of channels.
  public Sandwich {
    Checks.between("sandwich", "channels", (double) channels, 2, MOST_CHANNELS);
    Checks.even("sandwich", "channels", channels);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("sandwich").with("channels", channels));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return new PlanParts(
        RotaryTable.NONE,
        null,
        null,
        new DistanceBias.Sandwich(shape.heads(), (int) channels),
        null);
  }

  @Override
  public long identityLength(ModelShape shape) {
    return 0;
  }
}
