package dev.lengthwise.method;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import java.util.List;

/// Hybrid window and full attention, second form: one or two layers in the middle see everything,
/// all others a window; all turn. Running, the full layers follow ReRoPE; training, they are plain.
///
/// Full layers are `L/2`, or `L/3` and `2L/3`, of `L` layers.
///
/// Source: J. Su, kexue.fm 9731.
///
/// @param window last keys that a query of a window layer sees, itself included
/// @param full number of full layers, 1 or 2
/// @param rerope the window of ReRoPE in full layers
public record Hwfa2(long window, long full, long rerope) implements PositionMethod {

  /// The published rule is 2 to 4 times the trained length by the number of layers.
  private static final double WINDOWS_PER_LENGTH = 3;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "hwfa2",
          "Windows in all layers but one or two in the middle, which follow ReRoPE when it runs.",
          "J. Su 2023, kexue.fm 9731",
          "For models trained with it: no upper length in principle, at the quality of full"
              + " attention, and remembers everything in one or two layers.",
          List.of(
              MethodParameter.tokens(
                  "window",
                  "3 · trained length / layers, at least 2",
                  "last keys that a query of a window layer sees"),
              MethodParameter.tokens("full", "1", "number of full layers, 1 or 2"),
              MethodParameter.tokens(
                  "rerope",
                  "half of the trained length",
                  "in full layers, distance from which all keys appear equally far")),
          (parameters, shape, declared) -> {
            Checks.rotary("hwfa2", shape);
            Hwfa2 method =
                new Hwfa2(
                    parameters.tokens("window", defaultWindow(shape)),
                    parameters.tokens("full", 1),
                    parameters.tokens("rerope", Math.max(1, shape.trainedLength() / 2)));
            if (method.full > shape.layers()) {
              throw new LengthwiseException(
                  "hwfa2: full must be at most the number of layers, which is %d, found %d"
                      .formatted(shape.layers(), method.full));
            }
            return method;
          });

  /// Checks the parameters.
  public Hwfa2 {
    Checks.tokens("hwfa2", "window", window, 1);
    Checks.between("hwfa2", "full", (double) full, 1, 2);
    Checks.tokens("hwfa2", "rerope", rerope, 1);
  }

  private static long defaultWindow(ModelShape shape) {
    return Math.max(2, Math.round(WINDOWS_PER_LENGTH * shape.trainedLength() / shape.layers()));
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(
        new MethodTerm("hwfa2").with("window", window).with("full", full).with("rerope", rerope));
  }

  /// Whether a layer sees everything.
  public boolean isFull(ModelShape shape, int layer) {
    for (long number = 1; number <= full; number++) {
      if (layer == shape.layers() * number / (full + 1)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public PositionMethod training() {
    return new Training(this);
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return ofLayer(shape, layer, new Rerope(rerope));
  }

  private PlanParts ofLayer(ModelShape shape, int layer, PositionMethod inFull) {
    PositionMethod method = isFull(shape, layer) ? inFull : new Window(window);
    return method.parts(shape, layer, 0).orElse(PlanParts.of(shape.plainRotary()));
  }

  /// Window layers hold the identity up to their window, full ones up to that of ReRoPE.
  @Override
  public long identityLength(ModelShape shape) {
    long ofFull = new Rerope(rerope).identityLength(shape);
    return full == shape.layers() ? ofFull : Math.min(window, ofFull);
  }

  /// The plans of training: full layers are plain.
  private record Training(Hwfa2 method) implements PositionMethod {

    @Override
    public MethodValue value() {
      return method.value();
    }

    @Override
    public PlanParts parts(ModelShape shape, int layer, long currentLength) {
      return method.ofLayer(shape, layer, new Rope());
    }

    @Override
    public long identityLength(ModelShape shape) {
      return method.window;
    }
  }
}
