package dev.lengthwise.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Damage;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.FileBytes;
import dev.lengthwise.checkpoint.RealModels;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufFileTest {

  private static final int U32 = 4;
  private static final int F32 = 6;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  @TempDir Path folder;

  private static FileBytes start(int version, long tensors, long pairs) {
    return new FileBytes().ascii("GGUF").i32(version).i64(tensors, pairs);
  }

  /// A tensor description; dimensions in the file's order, innermost first.
  private static FileBytes info(FileBytes file, String name, int type, long offset, long... dims) {
    return file.string(name).i32(dims.length).i64(dims).i32(type).i64(offset);
  }

  /// One tensor of each readable float type and Q8_0, alignment 8, no padding at the end.
  private static FileBytes valid(int version) {
    FileBytes file = start(version, 4, 3);
    file.string("general.alignment").i32(U32).i32(8);
    file.string("general.architecture").i32(STRING).string("llama");
    file.string("a").i32(ARRAY).i32(F32).i64(2).f32(0.5f, 2);
    info(file, "f32", 0, 0, 3, 2);
    info(file, "f16", 1, 24, 2);
    info(file, "bf16", 30, 32);
    info(file, "q8", 8, 40, 32, 1);
    file.padTo(8).f32(1, 2, 3, 4, 5, 6);
    file.i16(0x3e00).i16(0xc000).padTo(8).i16(0x3fc0).padTo(8);
    file.i16(Float.floatToFloat16(0.25f));
    IntStream.range(0, 32).forEach(i -> file.u8(i - 16));
    return file;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void tensorsAreReadWithReversedDimensions(int version) {
    try (GgufFile file = GgufFile.open(valid(version).writeTo(folder.resolve("x")));
        PointerScope _ = new PointerScope()) {
      assertThat(file.format()).isEqualTo("gguf");
      assertThat(file.tensors().keySet()).containsExactly("f32", "f16", "bf16", "q8");
      assertThat(file.tensor("f32").shape()).containsExactly(2, 3);
      assertThat(file.tensor("f32").toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(file.tensor("f16").toFloats()).containsExactly(1.5f, -2);
      assertThat(file.tensor("bf16").shape()).isEmpty();
      assertThat(file.tensor("bf16").toFloats()).containsExactly(1.5f);
      float[] quantised = file.tensor("q8").toFloats();
      assertThat(quantised).startsWith(-4, -3.75f).endsWith(3.5f, 3.75f);
      var tensor = file.tensor("q8").toTensor();
      assertThat(tensor.scalar_type().intern()).isEqualTo(ScalarType.Float);
      assertThat(tensor.get(0).get(31).item_float()).isEqualTo(3.75f);
      assertThat(file.tensor("f16").toTensor().scalar_type().intern()).isEqualTo(ScalarType.Half);
      assertThat(file.header().path("general.architecture").asText()).isEqualTo("llama");
    }
  }

  @Test
  void everyTruncationIsRefused() {
    Damage.everyPrefixIsRefused(folder, valid(3).bytes(), GgufFile::open);
  }

  @Test
  void changedHeaderBytesAreReadOrRefused() {
    byte[] valid = valid(3).bytes();
    Damage.changedBytesAreReadOrRefused(folder, valid, valid.length - 82, GgufFile::open);
  }

  @Test
  void everyMetadataTypeIsRead() {
    FileBytes bytes = start(3, 0, 15);
    bytes.string("u8").i32(0).u8(200).string("i8").i32(1).u8(-3);
    bytes.string("u16").i32(2).i16(60_000).string("i16").i32(3).i16(-5);
    bytes.string("u32").i32(4).i32(-1).string("i32").i32(5).i32(-7);
    bytes.string("f32").i32(6).f32(1e-5f).string("bool").i32(7).u8(1);
    bytes.string("text").i32(8).string("ü").string("u64").i32(10).i64(-1);
    bytes.string("i64").i32(11).i64(-9).string("f64").i32(12).f64(0.1);
    bytes.string("ints").i32(ARRAY).i32(2).i64(2).i16(1).i16(65_535);
    bytes.string("empty").i32(ARRAY).i32(STRING).i64(0);
    bytes.string("nested").i32(ARRAY).i32(ARRAY).i64(2);
    bytes.i32(STRING).i64(1).string("a").i32(0).i64(2).u8(1, 2);
    try (GgufFile file = GgufFile.open(bytes.writeTo(folder.resolve("x")))) {
      ObjectNode header = file.header();
      assertThat(header.get("u8").intValue()).isEqualTo(200);
      assertThat(header.get("i8").intValue()).isEqualTo(-3);
      assertThat(header.get("u16").intValue()).isEqualTo(60_000);
      assertThat(header.get("i16").intValue()).isEqualTo(-5);
      assertThat(header.get("u32").longValue()).isEqualTo(4_294_967_295L);
      assertThat(header.get("i32").intValue()).isEqualTo(-7);
      assertThat(header.get("f32").floatValue()).isEqualTo(1e-5f);
      assertThat(header.get("bool").booleanValue()).isTrue();
      assertThat(header.get("text").textValue()).isEqualTo("ü");
      assertThat(header.get("u64").bigIntegerValue())
          .isEqualTo(new BigInteger("18446744073709551615"));
      assertThat(header.get("i64").longValue()).isEqualTo(-9);
      assertThat(header.get("f64").doubleValue()).isEqualTo(0.1);
      assertThat(header.get("nested")).hasToString("[[\"a\"],[1,2]]");
      assertThat(header.get("ints")).hasToString("[1,65535]");
      assertThat(file.ints("ints")).containsExactly(1, 65_535);
      assertThat(file.strings("empty")).isEmpty();
      assertThatThrownBy(() -> file.ints("nested")).isInstanceOf(LengthwiseException.class);
      assertThatThrownBy(() -> file.floats("ints")).isInstanceOf(LengthwiseException.class);
      assertThatThrownBy(() -> file.strings("ints")).isInstanceOf(LengthwiseException.class);
      assertThatThrownBy(() -> file.strings("text"))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("text", "an array", "ü");
      assertThatThrownBy(() -> file.strings("absent"))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("absent", "nothing");
      assertThatThrownBy(file::vocabulary).isInstanceOf(LengthwiseException.class);
    }
  }

  @Test
  void largeArraysAreOnlyReadOnDemand() {
    FileBytes bytes = start(3, 0, 1).string("large").i32(ARRAY).i32(5).i64(1024);
    IntStream.range(0, 1024).forEach(bytes::i32);
    try (GgufFile file = GgufFile.open(bytes.writeTo(folder.resolve("x")))) {
      assertThat(file.header().has("large")).isFalse();
      assertThat(file.has("large")).isTrue();
      assertThat(file.ints("large")).hasSize(1024).endsWith(1023);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, version 1",
    "4, version 4",
    "50331648, big-endian version 3",
    "-1, version 4294967295"
  })
  void otherVersionsAreRefused(int version, String message) {
    Path path = start(version, 0, 0).writeTo(folder.resolve("x"));
    assertThatThrownBy(() -> GgufFile.open(path))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll(message, "version 2 or 3");
  }

  private static Arguments bad(String message, long tensors, long pairs, Consumer<FileBytes> rest) {
    FileBytes file = start(3, tensors, pairs);
    rest.accept(file);
    return Arguments.of(message, file.i64(new long[64]).bytes());
  }

  static Stream<Arguments> badFiles() {
    return Stream.of(
        bad("tensors", Long.MAX_VALUE, 0, file -> {}),
        bad("key-values", 0, -1, file -> {}),
        bad("key-values", 0, 1_000_000, file -> {}),
        bad("bytes of text", 0, 1, file -> file.i64(1L << 40)),
        bad("unknown type 13", 0, 1, file -> file.string("k").i32(13)),
        bad("unknown type 4294967295", 0, 1, file -> file.string("k").i32(-1)),
        bad("array elements", 0, 1, file -> file.string("k").i32(ARRAY, F32).i64(1L << 62)),
        bad("truth value 2", 0, 1, file -> file.string("k").i32(7).u8(2)),
        bad(
            "nests",
            0,
            1,
            file -> {
              file.string("k").i32(ARRAY);
              IntStream.range(0, 20).forEach(i -> file.i32(ARRAY).i64(1));
            }),
        bad("occurs twice", 0, 2, file -> file.string("k").i32(0).u8(1).string("k").i32(0).u8(1)),
        bad("occurs twice", 2, 0, file -> info(info(file, "t", 0, 0, 1), "t", 0, 32, 1)),
        bad("overlap", 2, 0, file -> info(info(file, "t", 0, 0, 9), "s", 0, 32, 1)),
        bad("aligned to 32", 1, 0, file -> info(file, "t", 0, 4, 1)),
        bad("offset 18446744073709551584", 1, 0, file -> info(file, "t", 0, -32, 1)),
        bad("needs 4000", 1, 0, file -> info(file, "t", 0, 0, 1000)),
        bad("dimensions", 1, 0, file -> info(file, "t", 0, 0, 1, 1, 1, 1, 1)),
        bad("cannot be F32 of shape", 1, 0, file -> info(file, "t", 0, 0, -1)),
        bad("cannot be F32 of shape", 1, 0, file -> info(file, "t", 0, 0, 1L << 40, 1L << 40)),
        bad("cannot be Q8_0 of shape [2, 16]", 1, 0, file -> info(file, "t", 8, 0, 16, 2)),
        bad("unknown type number 4", 1, 0, file -> info(file, "t", 4, 0, 1)),
        bad("power of two", 0, 1, file -> file.string("general.alignment").i32(U32).i32(24)),
        bad("power of two", 0, 1, file -> file.string("general.alignment").i32(U32).i32(0)),
        bad(
            "power of two",
            0,
            1,
            file -> file.string("general.alignment").i32(STRING).string("8")));
  }

  @ParameterizedTest
  @MethodSource("badFiles")
  void badFileIsRefused(String message, byte[] bytes) {
    Path path = FileBytes.write(folder.resolve("bad.gguf"), bytes);
    assertThatThrownBy(() -> GgufFile.open(path))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("bad.gguf", message);
  }

  @Test
  void unreadableTypeIsNamedWhenItIsRead() {
    FileBytes bytes = info(start(3, 1, 0), "t", 17, 0, 256).padTo(32).i64(new long[11]);
    try (GgufFile file = GgufFile.open(bytes.writeTo(folder.resolve("k.gguf")))) {
      assertThat(file.tensor("t").type()).isEqualTo(DataType.IQ2_XS);
      assertThatThrownBy(() -> file.tensor("t").toTensor())
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("\"t\"", "k.gguf", "IQ2_XS", "F32, F16, BF16", "Q8_0");
    }
  }

  @Test
  void realLlamaFileIsRead() {
    Path path = RealModels.file("models/llama2-tiny-random-gguf/llama-2-tiny-random.gguf");
    try (GgufFile file = GgufFile.open(path);
        PointerScope _ = new PointerScope()) {
      assertThat(file.header().path("general.architecture").asText()).isEqualTo("llama");
      assertThat(file.header().path("llama.embedding_length").asInt()).isEqualTo(8);
      assertThat(file.header().has("tokenizer.ggml.tokens")).isFalse();
      assertThat(file.tensor("token_embd.weight").shape()).containsExactly(32_000, 8);
      float[] output = file.tensor("output.weight").toFloats();
      assertThat(file.tensor("output.weight").toTensor().flatten().get(77).item_float())
          .isEqualTo(output[77]);
      GgufFile.Vocabulary vocabulary = file.vocabulary();
      assertThat(vocabulary.model()).isEqualTo("llama");
      assertThat(vocabulary.tokens()).hasSize(32_000).startsWith("<unk>", "<s>", "</s>");
      assertThat(vocabulary.scores()).hasSize(32_000);
      assertThat(vocabulary.types()).startsWith(2, 3, 3, 6);
      assertThat(vocabulary.beginId()).hasValue(1);
      assertThat(vocabulary.endId()).hasValue(2);
      assertThatThrownBy(() -> file.tensor("token_embed.weight"))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("token_embd.weight");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "llama-spm, llama, 32000, false",
    "phi-3, llama, 32064, false",
    "gpt-2, gpt2, 50257, true",
    "mpt, gpt2, 50432, true",
    "falcon, gpt2, 65024, true"
  })
  void realVocabulariesAreRead(String name, String model, int tokens, boolean merges) {
    Path path = RealModels.file("tokenizers/gguf-vocab/ggml-vocab-" + name + ".gguf");
    try (GgufFile file = GgufFile.open(path)) {
      GgufFile.Vocabulary vocabulary = file.vocabulary();
      assertThat(file.tensors()).isEmpty();
      assertThat(vocabulary.model()).isEqualTo(model);
      assertThat(vocabulary.tokens()).hasSize(tokens);
      assertThat(vocabulary.types()).hasSize(tokens);
      assertThat(vocabulary.merges().isEmpty()).isNotEqualTo(merges);
    }
  }
}
