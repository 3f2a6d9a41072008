package dev.lengthwise;

import dev.lengthwise.encode.Encoder;
import dev.lengthwise.encode.Pooling;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// A model that makes vectors of texts, under one position method: an encoder, or a decoder whose
/// last token counts. Immutable, for any number of threads, and open as long as its model.
///
/// How states become a vector is what the files of the model say (a folder of
/// sentence-transformers, or the pooling of a GGUF file), unless a caller says otherwise.
public final class Embedder {

  private final Model model;
  private final Encoder encoder;

  Embedder(Model model, Encoder encoder) {
    this.model = model;
    this.encoder = encoder;
  }

  /// The same with another pooling: `cls`, `mean`, `max` or `last`.
  ///
  /// @throws LengthwiseException when the name is none of them
  public Embedder withPooling(String name) {
    return new Embedder(model, encoder.with(encoder.recipe().with(Pooling.named(name))));
  }

  /// The same with vectors of length 1, or with vectors as they are.
  public Embedder normalizing(boolean wanted) {
    return new Embedder(model, encoder.with(encoder.recipe().normalizing(wanted)));
  }

  /// The same with texts cut that are longer than [#longest()]: their end is left out. Otherwise
  /// they are refused.
  public Embedder truncating() {
    return new Embedder(model, encoder.with(Encoder.Excess.CUT));
  }

  /// The same with texts read on past the trained length, even under the model's own method, which
  /// was not trained to do so. Places that are learned bound them all the same: see [#longest()].
  public Embedder pastTrainedLength() {
    return new Embedder(model, encoder.with(Encoder.Excess.READ));
  }

  /// Numbers of a vector.
  public int size() {
    return encoder.size();
  }

  /// Tokens of the longest text, marks included.
  public long longest() {
    return encoder.longest();
  }

  /// The text that the model wants before others.
  ///
  /// @param name as its files call it, such as `query`
  /// @throws LengthwiseException of an unknown name: the message lists those that there are
  public String prompt(String name) {
    return encoder.recipe().prompt(Optional.of(name));
  }

  /// The vector of a text, behind the default prompt of the model, where it has one.
  ///
  /// @throws LengthwiseException as the other `embed`
  public EmbeddedText embed(String text) {
    return embed(List.of(text)).getFirst();
  }

  /// The vectors of texts, behind the default prompt of the model, where it has one.
  ///
  /// @throws LengthwiseException as the other `embed`
  public List<EmbeddedText> embed(List<String> texts) {
    return embed(texts, encoder.recipe().prompt(Optional.empty()));
  }

  /// The vectors of texts. Many at once are faster than one after the other.
  ///
  /// @param prompt put before each; empty: none
  /// @return one for each, in their order
  /// @throws LengthwiseException of a text without tokens, of one that is longer than [#longest()],
  ///     and where the model has no tokenizer
  public List<EmbeddedText> embed(List<String> texts, String prompt) {
    model.tokenizer(); // says what is missing where there is none
    return model.running(
        () -> {
          List<int[]> ids = texts.stream().map(text -> encoder.ids(prompt + text)).toList();
          List<float[]> vectors = encoder.encodeIds(ids, prompt);
          return IntStream.range(0, ids.size())
              .mapToObj(text -> new EmbeddedText(vectors.get(text), ids.get(text).length))
              .toList();
        });
  }
}
