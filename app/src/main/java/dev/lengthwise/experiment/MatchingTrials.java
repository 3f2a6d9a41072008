package dev.lengthwise.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The trials of the experiment on matching: two encoders of one size are pretrained, and each
/// learns every set by every task; so does one that others have trained on much more.
public final class MatchingTrials {

  private static final PairSet.Sizes SIZES = new PairSet.Sizes(8000, 500, 1000);
  private static final int PLACES = 192;
  private static final int TINY_PLACES = 48;

  // Thirty times the weights: fewer steps, and small ones, since much is there to be lost.
  private static final MatchedEncoder.Learning OF_PUBLISHED =
      new MatchedEncoder.Learning(60, 32, 5e-5);

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
    for (PairSet set : sets) {
      for (PretrainedEncoder encoder : encoders) {
        trials.add(new MatchedEncoder(encoder, set, Optional.empty()));
      }
    }
    for (long seed : scale.choose(List.of(1L, 2L, 3L), List.of(1L))) {
      for (PairSet set : sets) {
        for (PretrainedEncoder encoder : encoders) {
          addTasks(trials, encoder, set, learning, seed);
        }
      }
    }
    if (scale != Scale.TINY) {
      PublishedEncoder published =
          new PublishedEncoder(PublishedEncoder.Source.BGE_SMALL_ZH, texts);
      for (PairSet set : sets) {
        trials.add(new MatchedEncoder(published, set, Optional.empty()));
        addTasks(trials, published, set, OF_PUBLISHED, 1);
      }
    }
    return trials;
  }

  private static void addTasks(
      List<Trial> trials,
      StartingEncoder encoder,
      PairSet set,
      MatchedEncoder.Learning learning,
      long seed) {
    for (MatchedEncoder.Task task : MatchedEncoder.Task.values()) {
      MatchedEncoder.Lesson lesson = new MatchedEncoder.Lesson(task, learning, seed);
      trials.add(new MatchedEncoder(encoder, set, Optional.of(lesson)));
    }
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
