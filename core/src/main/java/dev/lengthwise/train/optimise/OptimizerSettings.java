package dev.lengthwise.train.optimise;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/// How the weights are moved by their gradients: `optimizer` of `train.json`, chosen by its `name`.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
@JsonSubTypes({
  @JsonSubTypes.Type(value = OptimizerSettings.AdamW.class, name = "adamw"),
  @JsonSubTypes.Type(value = OptimizerSettings.Tiger.class, name = "tiger")
})
public sealed interface OptimizerSettings {

  /// AdamW (Loshchilov and Hutter 2019) with decay on matrices only.
  ///
  /// @param weightDecay decay of matrices
  /// @param beta1 decay of the mean
  /// @param beta2 decay of the mean square
  /// @param epsilon added to the root of the mean square
  /// @param clip largest norm of the gradient
  record AdamW(double weightDecay, double beta1, double beta2, double epsilon, double clip)
      implements OptimizerSettings {

    /// Checks the numbers.
    public AdamW {
      TrainingSetting.require(
          weightDecay >= 0 && Double.isFinite(weightDecay),
          "optimizer.weightDecay",
          "at least 0",
          weightDecay);
      TrainingSetting.require(
          beta1 >= 0 && beta1 < 1, "optimizer.beta1", "at least 0 and below 1", beta1);
      TrainingSetting.require(
          beta2 >= 0 && beta2 < 1, "optimizer.beta2", "at least 0 and below 1", beta2);
      TrainingSetting.require(
          epsilon > 0 && Double.isFinite(epsilon), "optimizer.epsilon", "above 0", epsilon);
      TrainingSetting.require(clip > 0, "optimizer.clip", "above 0", clip);
    }
  }

  /// Tiger (Su, kexue.fm 9512), a sign optimiser whose only state is a mean of gradients; see
  /// [TigerOptimizer]. A usual peak learning rate is 0.001 to 0.002.
  ///
  /// @param beta decay of the mean; 0.965 for text
  /// @param weightDecay decay of matrices, which the learning rate multiplies; usually 0.01
  /// @param toleratedSteps steps in a row with a gradient that is not finite, after which the run
  ///     ends; until then the weights shrink
  record Tiger(double beta, double weightDecay, int toleratedSteps) implements OptimizerSettings {

    /// Checks the numbers.
    public Tiger {
      TrainingSetting.require(
          beta >= 0 && beta < 1, "optimizer.beta", "at least 0 and below 1", beta);
      TrainingSetting.require(
          weightDecay >= 0 && Double.isFinite(weightDecay),
          "optimizer.weightDecay",
          "at least 0",
          weightDecay);
      TrainingSetting.require(
          toleratedSteps >= 0, "optimizer.toleratedSteps", "at least 0", toleratedSteps);
    }
  }
}
