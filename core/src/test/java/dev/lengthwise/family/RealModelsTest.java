package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.evaluate.TokenLosses;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.MethodText;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Trained models that nobody here made.
class RealModelsTest {

  private static final int DOCUMENTS = 2;

  /// Mean loss in each of four stretches of the trained length. The numbers are those of another
  /// program on other stories of the same set, hence the tolerance; how the plain model breaks, and
  /// that it does not under LM-Infinite, is far outside of it.
  @ParameterizedTest
  @CsvSource({
    "babyllama-105/model5000.bin, rope, 0.59, 2.34, 4.48, 4.59",
    "babyllama-105/model5000.bin, lm-infinite, 0.61, 0.78, 0.57, 0.87",
    "stories260K/stories260K.bin, rope, 1.41, 1.65, 1.47, 1.80",
    "stories260K/stories260K.bin, lm-infinite, 1.41, 1.47, 1.24, 1.31"
  })
  void lossesPerStretchAreThoseOfTheBreakdown(
      String file, String method, double first, double second, double third, double fourth)
      throws IOException {
    try (LoadedModel model = Running.load(SharedData.file("models/" + file));
        Workers workers = new Workers(2)) {
      int stretch = (int) model.spec().shape().trainedLength();
      InferenceModel inference =
          Running.inference(
              model,
              Running.METHODS.read(MethodText.read(method), model.spec().shape()),
              new VectorAttention(workers));
      Iterator<String> stories = stories().iterator();
      double[] means = new double[4];
      for (int document = 0; document < DOCUMENTS; document++) {
        int[] ids = document(TokenizerFinder.of(model), stories, 4 * stretch + 1);
        double[] losses = TokenLosses.of(inference, ids, 512, 0);
        for (int part = 0; part < 4; part++) {
          means[part] += TokenLosses.mean(losses, part * stretch, (part + 1) * stretch) / DOCUMENTS;
        }
      }
      assertThat(means).containsExactly(new double[] {first, second, third, fourth}, within(0.4));
    }
  }

  /// What a narrower cache costs: the perplexity of four trained lengths, under every kind of plan.
  @ParameterizedTest
  @ValueSource(strings = {"rope", "lm-infinite", "rerope:window=64", "dynamic-ntk:factor=4"})
  void narrowCachesHardlyChangePerplexity(String method) throws IOException {
    try (LoadedModel model = Running.load(SharedData.file("models/babyllama-105/model5000.bin"));
        Workers workers = new Workers(2)) {
      int[] ids = document(TokenizerFinder.of(model), stories().iterator(), 1025);
      PositionMethod chosen = Running.METHODS.read(MethodText.read(method), model.spec().shape());
      InferenceModel exact = Running.inference(model, chosen, new VectorAttention(workers));
      double loss = meanLoss(exact, ids);
      for (CacheType type : List.of(CacheType.BF16, CacheType.Q8_0)) {
        InferenceModel narrow =
            new InferenceModel(exact.decoder(), exact.plans(), exact.engine(), type);
        assertThat(Math.exp(meanLoss(narrow, ids) - loss))
            .as("perplexity with %s keys and values, beside f32", type)
            .isBetween(0.995, 1.005);
      }
    }
  }

  private static double meanLoss(InferenceModel inference, int[] ids) {
    double[] losses = TokenLosses.of(inference, ids, 200, 0);
    return TokenLosses.mean(losses, 0, losses.length);
  }

  // Stories one after the other, each after the token that begins a text.
  private static int[] document(Tokenizer tokenizer, Iterator<String> stories, int length) {
    List<Integer> ids = new ArrayList<>();
    while (ids.size() < length) {
      ids.add(tokenizer.beginOfText().orElseThrow());
      for (int id : tokenizer.encode(stories.next().strip())) {
        ids.add(id);
      }
    }
    return ids.stream().limit(length).mapToInt(Integer::intValue).toArray();
  }

  private static List<String> stories() throws IOException {
    return new ObjectMapper()
        .readValue(
            SharedData.file("texts/tinystories/tinystories_500.json").toFile(),
            new TypeReference<List<String>>() {});
  }

  @Test
  void greedyTextIsThatOfTheOriginalProgram() throws IOException {
    String expected = Files.readString(SharedData.file("models/stories260K/greedy.txt")).strip();
    try (LoadedModel model = Running.load(SharedData.file("models/stories260K/stories260K.bin"));
        Workers workers = new Workers(2);
        Sequence sequence =
            Running.inference(model, model.spec().declared(), new VectorAttention(workers))
                .newSequence()) {
      Tokenizer tokenizer = TokenizerFinder.of(model);
      List<Integer> ids = new ArrayList<>(List.of(tokenizer.beginOfText().orElseThrow()));
      while (ids.size() < 300) {
        try (PointerScope _ = new PointerScope()) {
          ids.add((int) sequence.logits(sequence.decode(ids.getLast())).argmax().item().toLong());
        }
      }
      int[] all = ids.stream().mapToInt(Integer::intValue).toArray();
      assertThat(tokenizer.decode(all).strip()).startsWith(expected);
    }
  }

  @Test
  void randomGgufLoadsAndHasItsTokenizerInside() {
    try (LoadedModel model =
            Running.load(
                SharedData.file("models/llama2-tiny-random-gguf/llama-2-tiny-random.gguf"));
        Workers workers = new Workers(2)) {
      Tokenizer tokenizer = TokenizerFinder.of(model);
      assertThat(tokenizer.vocabularySize()).isEqualTo(model.spec().vocabularySize());
      int[] ids = tokenizer.encodePrompt("The café costs 12 €.");
      assertThat(ids).startsWith(1).hasSizeGreaterThan(5);
      float[] logits = Running.logits(model, new VectorAttention(workers), ids);
      for (float logit : logits) {
        assertThat(logit).isFinite();
      }
    }
  }
}
