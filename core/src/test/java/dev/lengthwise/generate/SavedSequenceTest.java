package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Architectures;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.OwnLayers;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A text that is written and read back goes on with the bits that it would have had.
class SavedSequenceTest {

  private static final int READ = 150; // within the third page
  private static final int POSITION = 0; // byte where the number of tokens stands
  private static final int DECLARED = 8;
  private static final int FIRST_LAYER = 24;

  private final PointerScope scope = new PointerScope();
  private final Workers workers = new Workers(2);
  private final Attention engine = new VectorAttention(workers);
  private final int[] ids = TinyDecoder.ids(READ + 20, 3);

  @AfterEach
  void end() {
    workers.close();
    scope.close();
  }

  private static InferenceModel model(PositionMethod declared, Attention engine, CacheType type) {
    ModelShape shape = TinyDecoder.shape(64);
    Decoder decoder = TinyDecoder.random(shape, declared, 7);
    return new InferenceModel(decoder, new PlanFunction(shape, declared, declared), engine, type);
  }

  private InferenceModel windowed(CacheType type) {
    PositionMethod declared =
        new OwnLayers(new Rope(), List.of(LayerRule.Local.window(16), new LayerRule.Global()));
    return model(declared, engine, type);
  }

  private byte[] written(InferenceModel model) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Sequence sequence = model.newSequence()) {
      sequence.read(Arrays.copyOf(ids, READ), 48, (_, _) -> {});
      sequence.write(new DataOutputStream(bytes));
    }
    return bytes.toByteArray();
  }

  private static Sequence readBack(InferenceModel model, byte[] bytes) throws IOException {
    return model.readSequence(new DataInputStream(new ByteArrayInputStream(bytes)), READ);
  }

  private float[] rest(Sequence sequence) {
    return Logits.toArray(
        sequence.logits(sequence.prefill(Arrays.copyOfRange(ids, READ, ids.length))).flatten());
  }

  @ParameterizedTest
  @EnumSource(CacheType.class)
  void itGoesOnWithTheSameBits(CacheType type) throws IOException {
    InferenceModel model = windowed(type);
    try (Sequence whole = model.newSequence();
        Sequence back = readBack(model, written(model))) {
      whole.read(Arrays.copyOf(ids, READ), 48, (_, _) -> {});
      assertThat(back.length()).isEqualTo(READ);
      assertThat(back.heldKeys())
          .as("a window has let go of most")
          .isEqualTo(whole.heldKeys())
          .satisfies(held -> assertThat(held.getFirst()).isLessThan(held.getLast()));
      assertThat(rest(back)).containsExactly(rest(whole));
    }
  }

  @Test
  void damagedCountsAreRefused() throws IOException {
    InferenceModel model = windowed(CacheType.F32);
    byte[] bytes = written(model);
    for (int at : new int[] {POSITION, DECLARED, FIRST_LAYER}) {
      byte[] changed = bytes.clone();
      ByteBuffer.wrap(changed).putLong(at, at == DECLARED ? -1 : READ + 1);
      assertThatThrownBy(() -> readBack(model, changed)).isInstanceOf(IOException.class);
    }
    for (int length : new int[] {3, FIRST_LAYER + 8, bytes.length / 2, bytes.length - 1}) {
      assertThatThrownBy(() -> readBack(model, Arrays.copyOf(bytes, length)))
          .as("%d bytes", length)
          .isInstanceOf(IOException.class);
    }
    byte[] pages = bytes.clone();
    ByteBuffer.wrap(pages).putInt(FIRST_LAYER + 8, Integer.MAX_VALUE);
    assertThatThrownBy(() -> readBack(model, pages)).isInstanceOf(IOException.class);
  }

  @Test
  void whatHasNoPagesSaysSo() {
    InferenceModel torch = model(new Rope(), new TorchAttention(), CacheType.F32);
    assertThatThrownBy(() -> written(torch))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("vector engine");
    ModelSpec spec = Architectures.spec("lru", TinyDecoder.VOCABULARY, 12, 10);
    InferenceModel recurrent =
        new InferenceModel(
            TinyDecoder.random(spec, 1),
            new PlanFunction(spec.shape(), spec.declared(), spec.declared()),
            engine);
    assertThatThrownBy(() -> written(recurrent))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("recurrences");
  }
}
