package dev.lengthwise.quantised;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Blocks that the Python package `gguf` of llama.cpp read or wrote; `gguf-blocks.py` beside the
/// numbers made them.
class GgufBlocksTest {

  /// One block.
  ///
  /// @param written whether the package made the bytes of the weights, or else the weights of the
  ///     bytes
  @SuppressWarnings("ArrayRecordComponent") // read as soon as it is made
  record Block(QuantisedType type, boolean written, byte[] bytes, float[] weights) {

    static Block of(String line) {
      String[] parts = line.split(" ", -1);
      byte[] floats = HexFormat.of().parseHex(parts[3]);
      float[] weights = new float[floats.length / Float.BYTES];
      ByteBuffer.wrap(floats).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(weights);
      return new Block(
          QuantisedType.valueOf(parts[0]),
          parts[1].equals("written"),
          HexFormat.of().parseHex(parts[2]),
          weights);
    }

    @Override
    public String toString() {
      return type + (written ? " written" : " read");
    }
  }

  static Stream<Block> blocks() {
    String name = "/quantised/gguf-blocks.txt";
    try (InputStream in = Objects.requireNonNull(GgufBlocksTest.class.getResourceAsStream(name))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().map(Block::of).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<Block> read() {
    return blocks().filter(block -> !block.written);
  }

  static Stream<Block> written() {
    return blocks().filter(Block::written);
  }

  @Test
  void everyTypeHasAWitness() {
    Set<QuantisedType> found = read().map(Block::type).collect(Collectors.toSet());
    assertThat(found).isEqualTo(EnumSet.allOf(QuantisedType.class));
  }

  @ParameterizedTest
  @MethodSource("read")
  void weightsAreThoseOfLlamaCpp(Block block) {
    float[] weights = new float[block.type.blockSize()];
    block.type.codec().decode(MemorySegment.ofArray(block.bytes), 0, weights, 0);
    for (int i = 0; i < weights.length; i++) {
      assertThat(weights[i] + 0f).as("weight %d", i).isEqualTo(block.weights[i] + 0f);
    }
  }

  @ParameterizedTest
  @MethodSource("written")
  void bytesAreThoseOfLlamaCpp(Block block) {
    byte[] bytes = new byte[block.type.blockBytes()];
    Arrays.fill(bytes, (byte) 0x5a);
    block.type.codec().encode(block.weights, 0, MemorySegment.ofArray(bytes), 0);
    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(HexFormat.of().formatHex(block.bytes));
  }
}
