package dev.lengthwise.bench;

import dev.lengthwise.model.Linear;

/// Makes the projections of a model that exists for its speed only.
///
/// To measure another type of weights, implement this and add it to [SyntheticModel#weights].
@FunctionalInterface
public interface RandomWeights {

  /// A projection `inputs → outputs` of random weights of about `1/√inputs`, which lives until the
  /// process ends or it is closed.
  Linear linear(int outputs, int inputs);
}
