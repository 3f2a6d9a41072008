package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.bench.SyntheticModel;
import dev.lengthwise.bench.SyntheticShape;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import java.lang.foreign.Arena;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Memory of a generation that is much longer than what a method remembers.
class LongGenerationTest {

  @Test
  void twentyThousandTokensTakeTheMemoryOfAFewHundred() {
    try (Workers workers = new Workers(1)) {
      long more =
          memoryGrowth(TinyDecoder.random(TinyDecoder.shape(32), new Rope(), 1), workers, 20_000);
      // The Java heap grows and shrinks by itself, so the bound on the whole process is wide; a
      // leak of one hidden state a token would take 130 MiB more.
      assertThat(more).isLessThan(100L << 20);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16", "Q8_0"})
  void soTheyDoWithWeightsAsTheyAreStored(WeightType type) {
    SyntheticShape shape =
        SyntheticShape.parse("dim=64,layers=2,heads=4,kv-heads=2,ffn=64,vocab=50");
    try (Workers workers = new Workers(1);
        Arena arena = Arena.ofShared()) {
      boolean bf16 = type == WeightType.BF16;
      memoryGrowth(
          SyntheticModel.decoder(shape, new Rope(), type, bf16, new MatrixProducts(workers), arena),
          workers,
          6_000);
    }
  }

  // Holds that caches and libtorch's memory stay as they are after 2,000 tokens; by how many bytes
  // the process has grown since.
  private static long memoryGrowth(Decoder decoder, Workers workers, int tokens) {
    int threads = torch.get_num_threads();
    torch.set_num_threads(1); // the matrices are tiny
    ModelShape shape = decoder.spec().shape();
    PositionMethod method = new MethodParser(shape, new Rope()).parse("lm-infinite:local=32");
    PlanFunction plans = new PlanFunction(shape, new Rope(), method);
    try (Sequence sequence =
        new InferenceModel(decoder, plans, new VectorAttention(workers)).newSequence()) {
      int id = generate(sequence, 1, 2_000);
      long cache = sequence.cacheBytes();
      long bytes = Pointer.totalBytes();
      long resident = Pointer.physicalBytes();
      generate(sequence, id, tokens - 2_000);
      assertThat(sequence.length()).isEqualTo(tokens);
      assertThat(sequence.cacheBytes()).isEqualTo(cache);
      assertThat(sequence.heldKeys()).allMatch(held -> held <= 32 + 10 + 3 * 64);
      assertThat(Pointer.totalBytes()).isLessThanOrEqualTo(bytes + (1L << 20));
      return Pointer.physicalBytes() - resident;
    } finally {
      torch.set_num_threads(threads);
    }
  }

  private static int generate(Sequence sequence, int first, int tokens) {
    int id = first;
    for (int n = 0; n < tokens; n++) {
      try (PointerScope _ = new PointerScope()) {
        id = Sampler.greatest(Logits.toArray(sequence.logits(sequence.decode(id))));
      }
    }
    return id;
  }
}
