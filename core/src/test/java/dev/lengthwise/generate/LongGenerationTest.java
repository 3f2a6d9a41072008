package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.VectorAttention;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/// Memory of a generation that is much longer than what a method remembers.
class LongGenerationTest {

  private static final ModelShape SHAPE = TinyDecoder.shape(32);

  @Test
  void twentyThousandTokensTakeTheMemoryOfAFewHundred() {
    int threads = torch.get_num_threads();
    torch.set_num_threads(1); // the matrices are tiny
    Decoder decoder = TinyDecoder.random(SHAPE, new Rope(), 1);
    PositionMethod method = new MethodParser(SHAPE, new Rope()).parse("lm-infinite:local=32");
    PlanFunction plans = new PlanFunction(SHAPE, new Rope(), method);
    try (Workers workers = new Workers(1);
        Session session = new Runner(decoder, plans, new VectorAttention(workers)).newSession()) {
      int id = generate(session, 1, 2_000);
      long cache = session.cacheBytes();
      long bytes = Pointer.totalBytes();
      long resident = Pointer.physicalBytes();
      generate(session, id, 18_000);
      assertThat(session.length()).isEqualTo(20_000);
      assertThat(session.cacheBytes()).isEqualTo(cache);
      assertThat(session.heldKeys()).allMatch(held -> held <= 32 + 10 + 3 * 64);
      assertThat(Pointer.totalBytes()).isLessThanOrEqualTo(bytes + (1L << 20));
      // The Java heap grows and shrinks by itself, so the bound on the whole process is wide; a
      // leak of one hidden state a token would take 130 MiB more.
      assertThat(Pointer.physicalBytes() - resident).isLessThan(100L << 20);
    } finally {
      torch.set_num_threads(threads);
    }
  }

  private static int generate(Session session, int first, int tokens) {
    int id = first;
    for (int n = 0; n < tokens; n++) {
      try (PointerScope _ = new PointerScope()) {
        id = Sampler.greatest(Logits.toArray(session.logits(session.advance(id))));
      }
    }
    return id;
  }
}
