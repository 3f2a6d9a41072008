package dev.lengthwise.experiment;

import java.util.ArrayList;
import java.util.List;

/// The trials of the experiment on matching: two encoders of one size are pretrained, and each
/// learns every set by every task.
public final class MatchingTrials {

  private static final PairSet.Sizes SIZES = new PairSet.Sizes(8000, 500, 1000);
  private static final int PLACES = 192;
  private static final int TINY_PLACES = 48;

  private MatchingTrials() {}

  /// All trials: seed by seed, so that a run that is cut off has whole seeds.
  public static List<Trial> of(Scale scale) {
    ChineseTexts texts = new ChineseTexts(scale, SIZES);
    List<PretrainedEncoder> encoders = new ArrayList<>();
    for (EncoderShape.Kind kind : List.of(EncoderShape.Kind.BERT, EncoderShape.Kind.GAU_ALPHA)) {
      encoders.add(pretrained(scale, texts, kind));
    }
    List<Trial> trials = new ArrayList<>(encoders);
    for (PretrainedEncoder encoder : encoders) {
      trials.add(new HubsOfTexts(encoder, PairSet.LCQMC, scale.choose(10, 3)));
    }
    List<PairSet> sets =
        scale.choose(List.of(PairSet.values()), List.of(PairSet.LCQMC, PairSet.STS_B));
    MatchedEncoder.Learning learning =
        new MatchedEncoder.Learning(scale.choose(200, 2), scale.choose(32, 8), 5e-4);
    for (long seed : scale.choose(List.of(1L, 2L, 3L), List.of(1L))) {
      for (PairSet set : sets) {
        for (PretrainedEncoder encoder : encoders) {
          for (MatchedEncoder.Task task : MatchedEncoder.Task.values()) {
            trials.add(new MatchedEncoder(encoder, set, task, learning, seed));
          }
        }
      }
    }
    return trials;
  }

  private static PretrainedEncoder pretrained(
      Scale scale, ChineseTexts texts, EncoderShape.Kind kind) {
    EncoderShape shape =
        scale.choose(
            new EncoderShape(kind, 96, 3, PLACES), new EncoderShape(kind, 32, 1, TINY_PLACES));
    PretrainedEncoder.Learning learning =
        scale.choose(
            new PretrainedEncoder.Learning(3000, 16, 64, 1.5e-3),
            new PretrainedEncoder.Learning(2, 2, 16, 2e-3));
    return new PretrainedEncoder(shape, texts, learning, 1);
  }
}
