package dev.lengthwise.train.match;

import static dev.lengthwise.train.optimise.TrainingSetting.require;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.encode.LabelledPair;
import java.util.List;

/// What an encoder is trained on pairs of texts for: `task.loss` of `train.json`, chosen by its
/// `name`. With vectors `u` and `v` of the two texts, `c = cos(u, v)` and a label `y`, the loss of
/// a batch is what each record says; [PairLosses] computes it.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
@JsonSubTypes({
  @JsonSubTypes.Type(value = PairLoss.CoSent.class, name = "cosent"),
  @JsonSubTypes.Type(value = PairLoss.SentenceBert.class, name = "sentence-bert"),
  @JsonSubTypes.Type(value = PairLoss.CosineRegression.class, name = "cosine"),
  @JsonSubTypes.Type(value = PairLoss.InfoNce.class, name = "info-nce"),
  @JsonSubTypes.Type(value = PairLoss.Interaction.class, name = "interaction")
})
public sealed interface PairLoss {

  /// Whether the pair is read as one text, and not as two vectors.
  default boolean readsPairs() {
    return false;
  }

  /// Classes that a trained head tells apart; 0 where there is no head.
  default int classes() {
    return 0;
  }

  /// Checks the labels of the pairs of a training.
  ///
  /// @param place names them in messages
  /// @throws LengthwiseException where a label is missing, or of another kind than the loss has
  default void requireLabels(List<LabelledPair> pairs, String place) {
    for (LabelledPair pair : pairs) {
      if (!pair.isLabelled()) {
        throw new LengthwiseException(
            "A pair of %s has no label (\"%s\"), and this loss needs one for each; take info-nce, or label them."
                .formatted(place, pair.first()));
      }
      requireLabel(pair.label(), place);
    }
  }

  private void requireLabel(double label, String place) {
    boolean isClass = label >= 0 && label < classes() && label == Math.rint(label);
    if (classes() > 0 && !isClass) {
      throw new LengthwiseException(
          "The label %s in %s is no class; this loss has classes from 0 to %d, and cosent and cosine take degrees."
              .formatted(label, place, classes() - 1));
    }
    if (this instanceof CosineRegression(double most) && (label < 0 || label > most)) {
      throw new LengthwiseException(
          "The label %s in %s is outside of 0 … %s, the \"greatest\" of the cosine loss."
              .formatted(label, place, most));
    }
  }

  /// CoSENT: `ln(1 + Σ_{y_a < y_b} exp(λ (c_a − c_b)))` over all ordered pairs of pairs of a batch.
  /// Labels may be degrees: only their order counts.
  ///
  /// Source: J. Su, kexue.fm 8847.
  ///
  /// @param scale `λ`; 20 in the source
  record CoSent(double scale) implements PairLoss {

    /// Checks the number.
    public CoSent {
      requireScale(scale);
    }
  }

  /// Sentence-BERT: the mean cross entropy of a softmax over `W [u, v, |u − v|] + b`.
  ///
  /// Source: N. Reimers and I. Gurevych 2019, "Sentence-BERT", arXiv 1908.10084.
  ///
  /// @param classes at least 2
  record SentenceBert(int classes) implements PairLoss {

    /// Checks the number.
    public SentenceBert {
      requireClasses(classes);
    }
  }

  /// The mean of `(c − y / greatest)²`.
  ///
  /// @param greatest label that means a cosine of 1
  record CosineRegression(double greatest) implements PairLoss {

    /// Checks the number.
    public CosineRegression {
      require(greatest > 0, "task.loss.greatest", "above 0", greatest);
    }
  }

  /// InfoNCE with the second texts of the other pairs as negatives: the mean of
  /// `−ln(exp(λ cos(u_a, v_a)) / Σ_b exp(λ cos(u_a, v_b)))`. Every pair is one of alike texts, and
  /// labels do not count.
  ///
  /// Source: A. van den Oord et al. 2018, arXiv 1807.03748; as sentence-transformers'
  /// `MultipleNegativesRankingLoss`.
  ///
  /// @param scale `λ`
  record InfoNce(double scale) implements PairLoss {

    /// Checks the number.
    public InfoNce {
      requireScale(scale);
    }

    @Override
    public void requireLabels(List<LabelledPair> pairs, String place) {}
  }

  /// The pair as one text: the mean cross entropy of a softmax over `W p + b`, where `p` is the
  /// pooled vector of the joint text.
  ///
  /// @param classes at least 2
  record Interaction(int classes) implements PairLoss {

    /// Checks the number.
    public Interaction {
      requireClasses(classes);
    }

    @Override
    public boolean readsPairs() {
      return true;
    }
  }

  private static void requireScale(double scale) {
    require(scale > 0 && Double.isFinite(scale), "task.loss.scale", "above 0", scale);
  }

  private static void requireClasses(int classes) {
    require(classes > 1, "task.loss.classes", "at least 2", classes);
  }
}
