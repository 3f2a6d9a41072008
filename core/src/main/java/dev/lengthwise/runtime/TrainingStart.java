package dev.lengthwise.runtime;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.family.TrainableModel;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.train.StartingModel;

/// A model that is open, as the begin of a training: what trains knows nothing of families.
public final class TrainingStart {

  private TrainingStart() {}

  /// What a training takes of a model, with its own position method.
  public static StartingModel of(TrainableModel model) {
    return of(model, model.spec());
  }

  /// The same under another method.
  ///
  /// @param trained the plan of `model`, with the position method of the training
  /// @throws LengthwiseException where no header can say what that is
  public static StartingModel of(TrainableModel model, ModelSpec trained) {
    return new StartingModel(
        trained,
        model.header(trained),
        model.weights(trained),
        model.tokenizer(),
        model.companions());
  }
}
