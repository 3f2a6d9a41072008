package dev.lengthwise.method;

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
import java.util.SplittableRandom;
import java.util.TreeSet;

/// Random positions in training, plain ones when it runs.
///
///     distinct      N different whole numbers below max, in order
///     exponential   n · linspace(0, 1, N), n exponential with mean N: the mean position stays
///
/// `N` is the trained length. Every window of a training has a draw of its own.
///
/// Source: Ruoss et al. 2023, "Randomized Positional Encodings", arXiv 2305.16843; the second kind
/// J. Su, kexue.fm 9444.
///
/// @param exponential the second kind
/// @param max for the first kind, upper end of positions, itself excluded; at least the trained
///     length
public record RandomPositions(boolean exponential, long max) implements PositionMethod {

  private static final String EXPONENTIAL = "exponential";
  private static final long DEFAULT_REACH = 16;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "random-positions",
          "Trains with random positions, drawn for every window; runs with plain rotary ones.",
          "Ruoss et al. 2023, arXiv 2305.16843; J. Su 2023, kexue.fm 9444",
          "For training: no distance up to the largest drawn one is new; published for encoders and"
              + " short algorithmic tasks, weak for language models.",
          List.of(
              MethodParameter.word(
                  "kind",
                  "whole numbers below max, or evenly spaced with a random end whose mean is the"
                      + " trained length",
                  List.of("distinct", EXPONENTIAL)),
              MethodParameter.tokens(
                  "max", "16 times the trained length", "upper end of positions of kind distinct")),
          (parameters, shape, declared) -> {
            Checks.rotary("random-positions", shape);
            long max = parameters.tokens("max", DEFAULT_REACH * shape.trainedLength());
            Checks.tokens("random-positions", "max", max, shape.trainedLength());
            return new RandomPositions(parameters.word("kind").equals(EXPONENTIAL), max);
          });

  /// Checks the parameters.
  public RandomPositions {
    Checks.tokens("random-positions", "max", max, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(
        new MethodTerm("random-positions")
            .with("kind", exponential ? EXPONENTIAL : "distinct")
            .with("max", max));
  }

  @Override
  public PositionMethod training() {
    return new Training(this, 0);
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return new Rope().parts(shape, layer, currentLength);
  }

  @Override
  public long identityLength(ModelShape shape) {
    return Bounds.UNBOUNDED;
  }

  /// The positions of a window of `tokens`: in order, and a function of the seed alone.
  public double[] positions(int tokens, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    if (exponential) {
      double end = -tokens * Math.log(1 - random.nextDouble());
      double[] positions = new double[tokens];
      for (int token = 1; token < tokens; token++) {
        positions[token] = end * token / (tokens - 1);
      }
      return positions;
    }
    // Floyd's sample: as many draws as tokens, whatever max is.
    TreeSet<Long> chosen = new TreeSet<>();
    for (long top = max - tokens; top < max; top++) {
      long drawn = random.nextLong(top + 1);
      chosen.add(chosen.contains(drawn) ? top : drawn);
    }
    return chosen.stream().mapToDouble(Long::doubleValue).toArray();
  }

  /// The plans of training on one window.
  private record Training(RandomPositions method, long seed) implements PositionMethod {

    @Override
    public MethodValue value() {
      return method.value();
    }

    @Override
    public boolean drawsPositions() {
      return true;
    }

    @Override
    public PositionMethod drawn(long newSeed) {
      return new Training(method, newSeed);
    }

    @Override
    public PlanParts parts(ModelShape shape, int layer, long currentLength) {
      int tokens = Math.toIntExact(shape.trainedLength());
      PositionMap drawn = new PositionMap.Listed(method.positions(tokens, seed));
      return PlanParts.of(shape.plainRotary())
          .orElse(PlanParts.of(new Branch(Region.ALL, drawn, drawn)));
    }

    @Override
    public long identityLength(ModelShape shape) {
      return 0;
    }
  }
}
