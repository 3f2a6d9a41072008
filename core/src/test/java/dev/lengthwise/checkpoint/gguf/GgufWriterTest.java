package dev.lengthwise.checkpoint.gguf;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.LittleEndian;
import dev.lengthwise.checkpoint.RowSource;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.parallel.Workers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GgufWriterTest {

  @TempDir Path folder;

  private final Workers workers = new Workers(2);
  private final List<String> told = new ArrayList<>();
  private final GgufWriter writer = new GgufWriter(workers, tensor -> told.add(tensor.name()));

  @AfterEach
  void close() {
    workers.close();
  }

  private static RowSource rows(String name, float[] values, long... shape) {
    byte[] bytes = new byte[values.length * Float.BYTES];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < values.length; i++) {
      segment.set(LittleEndian.F32, (long) i * Float.BYTES, values[i]);
    }
    return RowSource.of(new TensorEntry(name, DataType.F32, shape, segment));
  }

  private static float[] gaussian(int count) {
    SplittableRandom random = new SplittableRandom(3);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private Path part(int number, int count, String... tensors) {
    GgufMetadata metadata =
        new GgufMetadata()
            .putWhole("split.no", number - 1)
            .putWhole("split.count", count)
            .putWhole("split.tensors.count", 3);
    if (number == 1) {
      metadata.putText("general.architecture", "llama");
    }
    List<GgufTensor> written =
        Stream.of(tensors)
            .map(name -> new GgufTensor(name, DataType.F32, rows(name, gaussian(4), 4)))
            .toList();
    Path file = folder.resolve("m-%05d-of-%05d.gguf".formatted(number, count));
    writer.write(file, metadata, written);
    return file;
  }

  @Test
  void aModelInPartsIsOneCheckpointFromAnyPart() {
    Path first = part(1, 2, "a", "b");
    Path second = part(2, 2, "c");
    for (Path path : List.of(first, second)) {
      try (GgufFile file = GgufFile.open(path)) {
        assertThat(file.tensors()).containsOnlyKeys("a", "b", "c");
        assertThat(file.header().path("general.architecture").textValue()).isEqualTo("llama");
        assertThat(file.metadata().keys()).containsExactly("general.architecture");
      }
    }
  }

  @Test
  void partsThatDoNotFitAreRefused() throws IOException {
    Path first = part(1, 2, "a", "b");
    refusedPart(first, "m-00002-of-00002.gguf", "does not exist");
    part(2, 2, "b");
    refusedPart(first, "\"b\"", "earlier part");
    part(2, 2, "c", "d");
    refusedPart(first, "hold 4 tensors", "says 3");
    Files.move(part(3, 3, "c"), folder.resolve("m-00002-of-00002.gguf"), REPLACE_EXISTING);
    refusedPart(first, "says that it is part 2 of 3");
    Path renamed = Files.copy(first, folder.resolve("first.gguf"));
    refusedPart(renamed, "one of 2 parts");
  }

  private static void refusedPart(Path file, String... message) {
    assertThatThrownBy(() -> GgufFile.open(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll(message);
  }

  @Test
  void keyValuesOfEveryKindComeBackInTheirOrder() {
    GgufMetadata metadata =
        new GgufMetadata()
            .putText("general.architecture", "é▁")
            .putWhole("whole", 0xffff_ffffL)
            .putFloat("float", 0.5)
            .putFlag("flag", true)
            .putTexts("texts", List.of("a", "", "▁b"))
            .putFloats("floats", new float[] {1.5f, -2})
            .putWholes("wholes", new int[] {-1, 7})
            .putText("gone", "x")
            .remove("gone");
    Path path = folder.resolve("pairs.gguf");
    writer.write(path, metadata, List.of());
    try (GgufFile file = GgufFile.open(path)) {
      assertThat(file.header().fieldNames())
          .toIterable()
          .containsExactly(
              "general.architecture", "whole", "float", "flag", "texts", "floats", "wholes");
      assertThat(file.header().path("general.architecture").textValue()).isEqualTo("é▁");
      assertThat(file.header().path("whole").longValue()).isEqualTo(0xffff_ffffL);
      assertThat(file.header().path("float").floatValue()).isEqualTo(0.5f);
      assertThat(file.header().path("flag").booleanValue()).isTrue();
      assertThat(file.strings("texts")).containsExactly("a", "", "▁b");
      assertThat(file.floats("floats")).containsExactly(1.5f, -2);
      assertThat(file.ints("wholes")).containsExactly(-1, 7);
      Path copy = folder.resolve("copy.gguf");
      writer.write(copy, file.metadata(), List.of());
      assertThat(copy).hasSameBinaryContentAs(path);
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K",
        "IQ4_NL"
      })
  void everyTypeIsWritten(DataType type) {
    float[] values = gaussian(5 * 256);
    RowSource source = rows("source", values, 5, 256);
    Path path = folder.resolve("types.gguf");
    writer.write(
        path,
        new GgufMetadata(),
        List.of(
            new GgufTensor("odd", DataType.F32, rows("odd", new float[] {1, 2, 3}, 3)),
            new GgufTensor("copied", type, source)));
    try (GgufFile file = GgufFile.open(path)) {
      assertThat(told).containsExactly("odd", "copied");
      assertThat(file.tensor("odd").toFloats()).containsExactly(1, 2, 3);
      TensorEntry copied = file.tensor("copied");
      assertThat(copied.type()).isEqualTo(type);
      assertThat(copied.shape()).containsExactly(5, 256);
      float[] found = copied.toFloats();
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).isCloseTo(values[i], within(0.3f));
      }
      assertCopiedByteForByte(copied);
    }
  }

  // The same type again is no second rounding.
  private void assertCopiedByteForByte(TensorEntry stored) {
    Path again = folder.resolve("again.gguf");
    writer.write(
        again,
        new GgufMetadata(),
        List.of(new GgufTensor("t", stored.type(), RowSource.of(stored))));
    try (GgufFile file = GgufFile.open(again)) {
      assertThat(file.tensor("t").data().mismatch(stored.data())).isEqualTo(-1);
    }
  }

  @Test
  void aWeightThatIsNotFiniteNamesItsTensorAndLeavesTheOlderFile() throws IOException {
    Path path = folder.resolve("old.gguf");
    Files.writeString(path, "old");
    for (DataType type : List.of(DataType.F16, DataType.BF16, DataType.Q8_0)) {
      float[] values = gaussian(32);
      values[9] = Float.NaN;
      GgufTensor tensor = new GgufTensor("n", type, rows("weights", values, 32));
      assertThatThrownBy(() -> writer.write(path, new GgufMetadata(), List.of(tensor)))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("\"weights\"", type.name(), "not a number");
    }
    assertThat(path).hasContent("old");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void rowsMustBeWholeBlocksAndNamesDifferent() {
    RowSource source = rows("t", new float[48], 1, 48);
    assertThatThrownBy(() -> new GgufTensor("t", DataType.Q8_0, source))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("whole blocks of 32");
    GgufTensor tensor = new GgufTensor("t", DataType.F16, source);
    assertThatThrownBy(
            () -> writer.write(folder.resolve("x"), new GgufMetadata(), List.of(tensor, tensor)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("taken");
  }

  @Test
  void roundingToBrainFloatsIsToTheNearestAndNeverInfinite() {
    float[] values = {1 + 1f / 256, 1 + 3f / 256, Float.MAX_VALUE, -Float.MAX_VALUE};
    Path path = folder.resolve("bf16.gguf");
    writer.write(
        path,
        new GgufMetadata(),
        List.of(new GgufTensor("t", DataType.BF16, rows("t", values, 4))));
    try (GgufFile file = GgufFile.open(path)) {
      float[] found = file.tensor("t").toFloats();
      assertThat(found[0]).isEqualTo(1);
      assertThat(found[1]).isEqualTo(1.015625f);
      assertThat(found[2]).isFinite();
      assertThat(found[3]).isFinite();
    }
  }
}
