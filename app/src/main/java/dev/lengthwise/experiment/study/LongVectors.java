package dev.lengthwise.experiment.study;

import dev.lengthwise.experiment.EncoderShape;
import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.PassageSearch;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.Trial;
import java.util.ArrayList;
import java.util.List;

/// Vectors of texts that are longer than those an encoder was trained on.
final class LongVectors implements Experiment {

  @Override
  public String name() {
    return "long-vectors";
  }

  @Override
  public String title() {
    return "Vectors past the trained length: truncation, chunks, late chunks, extension";
  }

  @Override
  public String published() {
    return """
    * J. Su, kexue.fm 7947 (2020): of BERT's 512 learned places, 262,144 are made as `α u_i + (1 − α) u_j`, `α = 0.4`. Without training the model still works on longer texts, and a little training makes it better than truncation on long documents; the post shows the accuracy of masked tokens as charts.
    * M. Günther et al. 2024, "Late Chunking": pooling the chunks of a text that was read as a whole finds more than reading chunks alone, for encoders that were trained on 8,192 tokens.
    * kexue.fm 9708 tested ReRoPE in causal models only.
    """;
  }

  @Override
  public String differences() {
    return """
    * Our encoders have under a million weights and were trained for one task at 64 tokens: to find a passage by some of its words. That task needs little but the words, so a mean over a longer text blurs what is sought, whatever the positions.
    * A question comes from one place of a passage, so truncation can answer only for the first 64 tokens.
    * Encoders that were never trained on long texts do not know what late chunks gain.
    """;
  }

  @Override
  public List<Trial> trials(Scale scale) {
    int length = scale.choose(64, 24);
    String near = "window:window=" + length / 2;
    String rerope = "rerope:window=" + length / 2;
    List<Trial> trials = new ArrayList<>();
    trials.add(search(scale, EncoderShape.Kind.BERT, length, List.of("hierarchical places")));
    trials.add(
        search(
            scale,
            EncoderShape.Kind.ROFORMER,
            length,
            List.of("rope", "rope+log-n", rerope, rerope + "+log-n", near)));
    trials.add(search(scale, EncoderShape.Kind.ALIBI, length, List.of("declared", near)));
    return trials;
  }

  private static PassageSearch search(
      Scale scale, EncoderShape.Kind kind, int length, List<String> methods) {
    return new PassageSearch(
        scale.choose(new EncoderShape(kind, 96, 3, length), new EncoderShape(kind, 32, 1, length)),
        scale,
        methods,
        scale.choose(
            new PassageSearch.Sizes(6000, 150, 24, List.of(64, 128, 256, 512), 100),
            new PassageSearch.Sizes(300, 2, 4, List.of(24, 48), 4)));
  }

  @Override
  public List<Exhibit> exhibits() {
    return List.of(
        exhibit("bert", EncoderShape.Kind.BERT),
        exhibit("roformer", EncoderShape.Kind.ROFORMER),
        exhibit("alibi", EncoderShape.Kind.ALIBI));
  }

  private static Exhibit exhibit(String file, EncoderShape.Kind kind) {
    return new Exhibit(
        file,
        kind.label() + ": questions whose passage is found first, by its length",
        Exhibit.Across.LENGTH,
        Exhibit.Shown.PERCENT,
        row -> row.variant().equals(kind.label()));
  }
}
