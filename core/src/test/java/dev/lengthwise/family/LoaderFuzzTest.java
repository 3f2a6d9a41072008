package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.family.Witness.Way;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Headers and tensors of small models of many families are changed at random. Each either opens
/// and computes, or is refused in one sentence; nothing hangs, and nothing takes much memory.
///
/// A hundred are tried each time; `-Dfuzz=N` tries N, `-Dfuzz.seed=S` begins at another seed.
/// The seed in a failure, with `-Dfuzz=1`, repeats it.
class LoaderFuzzTest {

  private static final int MUTATIONS = Integer.getInteger("fuzz", 100);
  private static final long FIRST_SEED = Long.getLong("fuzz.seed", 20_261_128L);
  private static final FuzzLimits LIMITS = new FuzzLimits(Duration.ofMinutes(2), 512L << 20);
  private static final int SHOWN = 20;

  private static final List<String> GGUF =
      List.of(
          "bloom",
          "cohere2",
          "deepseek2-mla",
          "falcon-40b",
          "gemma3",
          "gpt-oss",
          "gpt2",
          "gptneox",
          "llama-moe",
          "llama-rope-freqs",
          "llama-yarn",
          "llama4",
          "mpt-qkln",
          "phi3-longrope",
          "qwen2",
          "qwen3moe",
          "stablelm-12b",
          "starcoder2");

  @TempDir private Path folder;

  @Test
  void everyMutationIsAModelOrIsRefusedInASentence() throws IOException {
    List<ModelInPieces> models = models();
    List<String> failures = new ArrayList<>();
    int refused = 0;
    for (int number = 0; number < MUTATIONS && failures.size() < SHOWN; number++) {
      long seed = FIRST_SEED + number;
      Random random = new Random(seed);
      ModelInPieces model = models.get(random.nextInt(models.size())).copy();
      String mutation = mutate(model, random, models);
      Path path = model.write(folder);
      Way way = random.nextInt(4) == 0 ? Way.TORCH : Way.KERNELS;
      Optional<String> found =
          LIMITS.tried("seed %d, %s".formatted(seed, mutation), () -> compute(path, way));
      refused += found.isPresent() ? 1 : 0;
      found
          .filter(text -> !isSentence(text))
          .ifPresent(text -> failures.add("seed %d, %s: %s".formatted(seed, mutation, text)));
    }
    assertThat(failures).isEmpty();
    // Most mutations break a model: fewer would say that they are no longer read.
    assertThat(refused).isBetween(MUTATIONS / 4, MUTATIONS);
  }

  private static List<ModelInPieces> models() {
    return Stream.concat(
            GGUF.stream().map(name -> Witness.resource("gguf/" + name + ".gguf")),
            Witness.names("hf").stream().map(name -> Witness.resource("hf/" + name)))
        .map(ModelInPieces::of)
        .map(LoaderFuzzTest::withTokenizer)
        .toList();
  }

  // A tokenizer of one letter a token, so that its keys are changed as well.
  private static ModelInPieces withTokenizer(ModelInPieces model) {
    if (model.gguf()) {
      ObjectNode header = model.header();
      header.put("tokenizer.ggml.model", "gpt2").put("tokenizer.ggml.pre", "llama-bpe");
      header.put("tokenizer.ggml.bos_token_id", 0).put("tokenizer.ggml.eos_token_id", 1);
      List<String> first = List.of("<s>", "</s>", "AB");
      for (int token = 0; token < 64; token++) {
        String letter = String.valueOf((char) ('=' + token));
        header.withArray("tokenizer.ggml.tokens").add(token < 3 ? first.get(token) : letter);
        header.withArray("tokenizer.ggml.token_type").add(token < 2 ? 3 : 1);
      }
      header.withArray("tokenizer.ggml.merges").add("A B");
    }
    return model;
  }

  private static String mutate(ModelInPieces model, Random random, List<ModelInPieces> models) {
    List<ObjectNode> foreign = models.stream().map(ModelInPieces::header).toList();
    List<String> changes = new ArrayList<>();
    do {
      changes.add(
          random.nextInt(3) > 0
              ? new JsonMutator(random, foreign).mutate(model.header())
              : new TensorMutator(random).mutate(model.tensors()));
    } while (random.nextInt(4) == 0 && !model.tensors().isEmpty());
    return String.join("; ", changes);
  }

  private static void compute(Path path, Way way) {
    try (LoadedModel model = way.load(path)) {
      int rows = model.spec().vocabularySize();
      int[] ids = {1 % rows, 2 % rows, 3 % rows, 5 % rows, 8 % rows};
      Witness.logits(model, model.spec().declared(), way, ids, ids.length);
      Optional<Tokenizer> tokenizer = TokenizerFinder.ifAny(model.checkpoint(), rows);
      if (tokenizer.isPresent()) {
        tokenizer.get().encode("AB C");
        EndTokens.of(model.checkpoint(), tokenizer.get());
      }
    }
  }

  /// One line in words, and no exception's.
  static boolean isSentence(String text) {
    return text.matches("\\S+ [^\\n]{10,4000}") && !text.contains("Exception");
  }
}
