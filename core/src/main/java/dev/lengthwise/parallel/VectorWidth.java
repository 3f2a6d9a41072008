package dev.lengthwise.parallel;

import dev.lengthwise.LengthwiseException;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// How wide the vectors of all kernels are: what the processor prefers, or less when the system
/// property [#PROPERTY] says so.
///
/// Every kernel has a scalar twin, which is its specification; it runs where there are no vectors.
public final class VectorWidth {

  /// System property: `512`, `256`, `128`, or `0` for scalar code.
  public static final String PROPERTY = "lengthwise.vectorBits";

  private static final int BITS = choose(System.getProperty(PROPERTY));

  private VectorWidth() {}

  /// Bits of a vector: 512, 256 or 128; 0 when kernels run scalar code.
  public static int bits() {
    return BITS;
  }

  /// Whether kernels use the Vector API at all.
  public static boolean vectorised() {
    return BITS > 0;
  }

  /// One sentence for the user where kernels run scalar code; empty where they use vectors.
  public static Optional<String> warning() {
    return vectorised()
        ? Optional.empty()
        : Optional.of(
            "No vector instructions are used (%s): kernels run scalar code, which is many times slower."
                .formatted(reason()));
  }

  private static String reason() {
    if (!moduleIsLoaded()) {
      return "start Java with --add-modules jdk.incubator.vector to use them";
    }
    return widest() > 0 ? PROPERTY + " is 0" : "this processor has none that Java can use";
  }

  private static boolean moduleIsLoaded() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  /// Bits of the widest vectors of this processor; 0 when there are none or the module of the
  /// Vector API is not loaded.
  public static int widest() {
    if (!moduleIsLoaded()) {
      return 0;
    }
    int preferred = Module.preferredBits();
    return preferred < 128 ? 0 : Math.min(preferred, 512);
  }

  /// The species of floats of the chosen width. For use by vector kernels only: there must be
  /// vectors.
  public static VectorSpecies<Float> floats() {
    return Module.floats(BITS);
  }

  private static int choose(@Nullable String wanted) {
    int widest = widest();
    if (wanted == null) {
      return widest;
    }
    return switch (wanted) {
      case "0" -> 0;
      case "128", "256", "512" -> Math.min(Integer.parseInt(wanted), widest);
      default ->
          throw new LengthwiseException(
              "System property "
                  + PROPERTY
                  + " is '"
                  + wanted
                  + "'; expected 512, 256, 128 or 0 (scalar code).");
    };
  }

  // Loaded only where the module is.
  private static final class Module {
    static int preferredBits() {
      return VectorShape.preferredShape().vectorBitSize();
    }

    static VectorSpecies<Float> floats(int bits) {
      return switch (bits) {
        case 512 -> FloatVector.SPECIES_512;
        case 256 -> FloatVector.SPECIES_256;
        case 128 -> FloatVector.SPECIES_128;
        default -> throw new IllegalStateException("there are no vectors on this machine");
      };
    }
  }
}
