package dev.lengthwise.langchain4j;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.common.AbstractEmbeddingModelIT;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.lengthwise.Model;
import dev.lengthwise.runtime.ModelSettings;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// LangChain4j's own tests of embedding models, with a tiny encoder.
class EmbeddingModelKitTest extends AbstractEmbeddingModelIT {

  private static Model model;

  @BeforeAll
  static void open() {
    model =
        Model.open(
            Path.of("../core/src/test/resources/families/sentences/mean"),
            ModelSettings.DEFAULT.withThreads(1),
            _ -> {});
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Override
  protected List<EmbeddingModel> models() {
    return List.of(new LengthwiseEmbeddingModel(model.embedder(), "tiny", List.of()));
  }

  @Override
  protected boolean supportsInputTypeParameter() {
    return false;
  }

  @Override
  protected boolean supportsDimensionsParameter() {
    return false;
  }

  @Override
  protected boolean supportsImageInput() {
    return false;
  }

  @Override
  protected boolean supportsInterleavedInput() {
    return false;
  }

  // The kit's own would be fetched.
  @Override
  protected ImageContent catImage() {
    return ImageContent.from("R0lGODlhAQABAAAAACw=", "image/gif");
  }

  @Override
  protected EmbeddingModel modelWith(EmbeddingModelListener listener) {
    return new LengthwiseEmbeddingModel(model.embedder(), "tiny", List.of(listener));
  }
}
