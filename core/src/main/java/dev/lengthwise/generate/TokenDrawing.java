package dev.lengthwise.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/// How the tokens of one text are drawn: a sampler, behind a filter where one is asked for, and
/// what is written down of their probabilities.
final class TokenDrawing {

  private final Sampler sampler;
  private final OptionalInt top;
  private final Optional<TokenFilter> filter;
  private final List<TokenLogprob> logprobs = new ArrayList<>();
  private Optional<TokenLogprob> last = Optional.empty();

  TokenDrawing(Generator generator, GenerationOptions options) {
    options.sampling().requireVocabulary(generator.tokenizer().vocabularySize());
    this.sampler = new Sampler(options.sampling());
    this.top = options.logprobs();
    this.filter =
        options.grammar().map(maker -> maker.start(generator.tokenizer(), generator.ends()));
  }

  /// Hears of tokens of the prompt.
  void read(int[] ids) {
    sampler.accept(ids);
  }

  /// Whether the text can only end now.
  boolean isComplete() {
    return filter.isPresent() && filter.get().isComplete();
  }

  /// Draws a token. What is written down of it is what the model said, before anything was
  /// forbidden.
  ///
  /// @param logits may be changed
  /// @param drawable leaves of the logits what may be drawn
  int next(float[] logits, UnaryOperator<float[]> drawable) {
    float[] raw = top.isPresent() ? logits.clone() : logits;
    float[] rows = drawable.apply(logits);
    filter.ifPresent(own -> own.mask(rows));
    int id = sampler.next(rows);
    last = top.stream().mapToObj(count -> TokenLogprob.of(raw, id, count)).findFirst();
    return id;
  }

  /// Hears that the token that was drawn last belongs to the text.
  void keep(int id) {
    sampler.accept(id);
    filter.ifPresent(own -> own.accept(id));
    last.ifPresent(logprobs::add);
  }

  /// Of the token that was drawn last, where the options ask for it.
  Optional<TokenLogprob> last() {
    return last;
  }

  /// Of each token of the text, where the options ask for it.
  List<TokenLogprob> logprobs() {
    return List.copyOf(logprobs);
  }
}
