package dev.lengthwise.experiment.study;

import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.MatchingTrials;
import dev.lengthwise.experiment.PairSet;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.Trial;
import dev.lengthwise.vectors.HubnessStudy;
import java.util.Arrays;
import java.util.List;

/// Chinese text matching: CoSENT, Sentence-BERT and interaction, on BERT and GAU-α.
final class Matching implements Experiment {

  private static final Exhibit.Across SETS =
      Exhibit.Across.named("set", Arrays.stream(PairSet.values()).map(PairSet::label).toList());

  private static final Exhibit.Across TREATMENTS =
      Exhibit.Across.named(
          "treatment",
          Arrays.stream(HubnessStudy.Treatment.values())
              .map(HubnessStudy.Treatment::label)
              .toList());

  @Override
  public String name() {
    return "matching";
  }

  @Override
  public String title() {
    return "Text matching: CoSENT, Sentence-BERT and interaction, on BERT and GAU-α";
  }

  @Override
  public String published() {
    return """
    J. Su, kexue.fm 8847 (2022): base-size encoders, fine-tuned on the training part of each set, five epochs of 32 pairs. Spearman on the test part, in per cent:

    | | ATEC | BQ | LCQMC | PAWSX | STS-B | mean |
    |---|--:|--:|--:|--:|--:|--:|
    | BERT + CoSENT | 49.74 | 72.38 | 78.69 | 60.00 | 80.14 | 68.19 |
    | Sentence-BERT | 46.36 | 70.36 | 78.72 | 46.86 | 66.41 | 61.74 |
    | RoBERTa + CoSENT | 50.81 | 71.45 | 79.31 | 61.56 | 81.13 | 68.85 |
    | Sentence-RoBERTa | 48.29 | 69.99 | 79.22 | 44.10 | 72.42 | 62.80 |

    Accuracy, with thresholds chosen on validation (kexue.fm 8860):

    | | ATEC | BQ | LCQMC | PAWSX | mean |
    |---|--:|--:|--:|--:|--:|
    | BERT + CoSENT | 85.81 | 83.24 | 86.67 | 76.30 | 83.00 |
    | Sentence-BERT | 84.93 | 82.46 | 87.42 | 65.33 | 80.04 |
    | BERT, interaction | 85.49 | 83.88 | 87.80 | 81.30 | 84.62 |
    | RoBERTa + CoSENT | 85.93 | 83.42 | 87.63 | 76.55 | 83.38 |
    | Sentence-RoBERTa | 85.34 | 82.52 | 88.14 | 68.35 | 81.09 |
    | RoBERTa, interaction | 86.04 | 83.62 | 88.22 | 83.33 | 85.30 |

    * The source explains the gap on PAWSX: its texts share their words in another order, and an encoder of one text is continuous.
    * GAU-α (kexue.fm 9052) was judged on the tasks of CLUE, not on these sets.
    """;
  }

  @Override
  public String differences() {
    return """
    * Our encoders have about 0.8 million weights, more than half of them in the embedding, and read 1.5 million tokens twice; theirs have a hundred million and read thousands of times as much.
    * The training parts of the sets are not beside the project. We train on a part of the validation files (958 to 8,000 pairs), choose thresholds on 500 others of them, and judge on 1,000 pairs of the test files.
    * 200 steps of 32 pairs: four fifths of an epoch to nearly seven. Texts are cut at 32 characters (64 for PAWSX), pairs that are read as one at twice that.
    * BGE-small-zh (24 million weights, by the Beijing Academy of Artificial Intelligence) was trained by its makers on a great many pairs of texts; sets of this table may be among them. It learns for 60 steps with one seed.
    * "As it is" judges the cosines of first tokens before an encoder learns from pairs; those of our encoders were never trained to mean anything.
    * STS-B has six classes for Sentence-BERT and interaction, and its accuracy is that of six classes.
    * Words that are hidden as a whole come from merged byte pairs, not from a dictionary.
    """;
  }

  @Override
  public List<Trial> trials(Scale scale) {
    return MatchingTrials.of(scale);
  }

  @Override
  public List<Exhibit> exhibits() {
    return List.of(
        new Exhibit(
            "spearman",
            "Spearman's correlation with the labels",
            SETS,
            Exhibit.Shown.PERCENT,
            Exhibit.metric("spearman")),
        new Exhibit(
            "accuracy",
            "Accuracy with thresholds that were chosen on validation",
            SETS,
            Exhibit.Shown.PERCENT,
            Exhibit.metric("accuracy")),
        new Exhibit(
            "pretraining",
            "Loss of masked words after pretraining",
            Exhibit.Across.LENGTH,
            Exhibit.Shown.NATS,
            Exhibit.metric("masked_loss")),
        new Exhibit(
            "hubs",
            "Skewness of hubs among the LCQMC texts, before any fine-tuning",
            TREATMENTS,
            Exhibit.Shown.NUMBER,
            Exhibit.metric("hub_skewness")),
        new Exhibit(
            "partners",
            "LCQMC texts whose nearest text is the alike one, before any fine-tuning",
            TREATMENTS,
            Exhibit.Shown.PERCENT,
            Exhibit.metric("partner_first")));
  }
}
