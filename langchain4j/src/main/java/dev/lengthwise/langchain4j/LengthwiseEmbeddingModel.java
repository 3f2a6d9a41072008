package dev.lengthwise.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.lengthwise.EmbeddedText;
import dev.lengthwise.Embedder;
import java.util.List;

/// A model of this process that makes vectors of texts: an encoder, or a decoder's last token. For
/// any number of threads, and open as long as its model.
public final class LengthwiseEmbeddingModel implements EmbeddingModel {

  private final Embedder embedder;
  private final String name;
  private final List<EmbeddingModelListener> listeners;

  /// An embedding model.
  ///
  /// @param embedder `model.embedder()`, or that of a position method
  /// @param name of the model, for answers
  public LengthwiseEmbeddingModel(
      Embedder embedder, String name, List<EmbeddingModelListener> listeners) {
    this.embedder = embedder;
    this.name = name;
    this.listeners = List.copyOf(listeners);
  }

  @Override
  public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
    List<EmbeddedText> vectors = embedder.embed(segments.stream().map(TextSegment::text).toList());
    int tokens = vectors.stream().mapToInt(EmbeddedText::tokens).sum();
    return Response.from(
        vectors.stream().map(vector -> Embedding.from(vector.vector())).toList(),
        new TokenUsage(tokens));
  }

  @Override
  public int dimension() {
    return embedder.size();
  }

  @Override
  public String modelName() {
    return name;
  }

  @Override
  public List<EmbeddingModelListener> listeners() {
    return listeners;
  }
}
