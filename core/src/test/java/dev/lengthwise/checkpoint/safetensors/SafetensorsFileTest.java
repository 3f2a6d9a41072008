package dev.lengthwise.checkpoint.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.Damage;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.FileBytes;
import dev.lengthwise.checkpoint.RealModels;
import dev.lengthwise.checkpoint.TensorEntry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {

  private static final String VALID =
      """
      {"__metadata__":{"format":"pt"},
       "a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},
       "b":{"dtype":"BF16","shape":[],"data_offsets":[8,10]},
       "empty":{"dtype":"F16","shape":[0,3],"data_offsets":[10,10]},
       "c":{"dtype":"F16","shape":[1],"data_offsets":[10,12]}}\
      """;

  private static final String ALIGNED = VALID + " ".repeat(-VALID.length() & 7);

  @TempDir Path folder;

  private static FileBytes valid() {
    return file(ALIGNED).f32(1.5f, -2).i16(0x3fc0).i16(0x3e00);
  }

  private static FileBytes file(String header) {
    return new FileBytes().i64(header.getBytes(StandardCharsets.UTF_8).length).ascii(header);
  }

  @Test
  void tensorsComeInFileOrderWithShapesAndValues() {
    try (SafetensorsFile file = SafetensorsFile.open(valid().writeTo(folder.resolve("x")))) {
      assertThat(file.tensors().keySet()).containsExactly("a", "b", "empty", "c");
      assertThat(file.tensor("a").shape()).containsExactly(2, 1);
      assertThat(file.tensor("a").toFloats()).containsExactly(1.5f, -2);
      assertThat(file.tensor("b").shape()).isEmpty();
      assertThat(file.tensor("b").toFloats()).containsExactly(1.5f);
      assertThat(file.tensor("empty").elements()).isZero();
      assertThat(file.tensor("c").toFloats()).containsExactly(1.5f);
      assertThat(file.header().isEmpty()).isTrue();
      assertThat(file.format()).isEqualTo("safetensors");
    }
  }

  @Test
  void missingTensorIsAnErrorWithNearNames() {
    try (SafetensorsFile file = SafetensorsFile.open(valid().writeTo(folder.resolve("x.st")))) {
      assertThatThrownBy(() -> file.tensor("emty"))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("emty", "x.st", "nearest of its 4 tensors: empty");
    }
  }

  @Test
  void torchSharesAlignedBytesAndCopiesOthers() {
    String header =
        "{\"u\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            + "\"f\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]}}";
    Path odd = file(header).u8(200).f32(3, 4).writeTo(folder.resolve("odd"));
    try (SafetensorsFile file = SafetensorsFile.open(odd);
        SafetensorsFile even = SafetensorsFile.open(valid().writeTo(folder.resolve("even")));
        PointerScope _ = new PointerScope()) {
      assertThat(file.tensor("f").toTensor().get(1).item_float()).isEqualTo(4);
      assertThat(file.tensor("u").toTensor().scalar_type().intern()).isEqualTo(ScalarType.Byte);
      TensorEntry half = even.tensor("c");
      Tensor tensor = half.toTensor();
      assertThat(tensor.scalar_type().intern()).isEqualTo(ScalarType.Half);
      assertThat(tensor.item_float()).isEqualTo(1.5f);
      assertThat(tensor.data_ptr().address()).isEqualTo(half.data().address());
      assertThat(even.tensor("b").toTensor().dim()).isZero();
      assertThat(even.tensor("empty").toTensor().numel()).isZero();
    }
  }

  @Test
  void tensorOfClosedCheckpointIsRefused() {
    SafetensorsFile file = SafetensorsFile.open(valid().writeTo(folder.resolve("x")));
    TensorEntry entry = file.tensor("a");
    file.close();
    file.close();
    assertThatThrownBy(entry::toTensor).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void configBesideTheFileIsTheHeader() throws IOException {
    Path path = valid().writeTo(folder.resolve("model.safetensors"));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"x\",\"f\":Infinity}");
    try (Checkpoint file = SafetensorsFile.open(path);
        Checkpoint same = SafetensorsFile.open(folder)) {
      assertThat(file.header().path("model_type").asText()).isEqualTo("x");
      assertThat(file.header().path("f").asDouble()).isInfinite();
      assertThat(same.header()).isEqualTo(file.header());
      file.header().put("model_type", "changed");
      assertThat(file.header().path("model_type").asText()).isEqualTo("x");
    }
    Files.writeString(folder.resolve("config.json"), "[1]");
    assertThatThrownBy(() -> SafetensorsFile.open(path))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("config.json", "object");
  }

  @Test
  void sha256IsThatOfTheFile() throws Exception {
    Path path = valid().writeTo(folder.resolve("x"));
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.sha256()).isEqualTo(HexFormat.of().formatHex(digest));
      assertThat(file.sha256()).isSameAs(file.sha256());
    }
  }

  @Test
  void shardsAreReadAsOneCheckpoint() throws Exception {
    shard("model-00001-of-00002.safetensors", "w1", 1);
    shard("model-00002-of-00002.safetensors", "w2", 2);
    index(
        "{\"w2\":\"model-00002-of-00002.safetensors\",\"w1\":\"model-00001-of-00002.safetensors\"}");
    try (SafetensorsFile file = SafetensorsFile.open(folder)) {
      assertThat(file.tensors().keySet()).containsExactly("w2", "w1");
      assertThat(file.tensor("w1").toFloats()).containsExactly(1);
      assertThat(file.tensor("w2").toFloats()).containsExactly(2);
      assertThat(file.path()).isEqualTo(folder);
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(Files.readAllBytes(folder.resolve("model-00001-of-00002.safetensors")));
      digest.update(Files.readAllBytes(folder.resolve("model-00002-of-00002.safetensors")));
      assertThat(file.sha256()).isEqualTo(HexFormat.of().formatHex(digest.digest()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"w1":"a.safetensors","w2":"gone.safetensors"}   | gone.safetensors
          {"w1":"a.safetensors","w2":"a.safetensors"}      | Tensor "w2" is not in a.safetensors
          {"w2":"b.safetensors"}                           | Tensor "w2" is not in b.safetensors
          {"w1":"../a.safetensors"}                        | name of a file beside it
          {"w1":3}                                         | name of a file beside it
          {"w1":"a.safetensors","w3":"b.safetensors","w1":"b.safetensors"} | Duplicate
          {"w1":"a.safetensors","w1b":"a.safetensors"}     | w1b
          3                                                | weight_map
          {                                                | not valid
          """)
  void brokenIndexIsRefused(String map, String message) throws IOException {
    shard("a.safetensors", "w1", 1);
    shard("b.safetensors", "w3", 1);
    index(map);
    assertThatThrownBy(() -> SafetensorsFile.open(folder))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining(message);
  }

  @Test
  void shardWithTensorsOutsideTheIndexIsRefused() throws IOException {
    SafetensorsWriter.writeEntries(
        folder.resolve("a.safetensors"), Map.of(), List.of(floats("w1", 1), floats("w2", 2)));
    index("{\"w1\":\"a.safetensors\"}");
    assertThatThrownBy(() -> SafetensorsFile.open(folder))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("w2");
  }

  @Test
  void aComputedBufferMayBeMissingInTheIndex() throws IOException {
    String buffer = "model.layers.0.self_attn.rotary_emb.inv_freq";
    SafetensorsWriter.writeEntries(
        folder.resolve("a.safetensors"), Map.of(), List.of(floats("w1", 1), floats(buffer, 2)));
    index("{\"w1\":\"a.safetensors\"}");
    try (SafetensorsFile file = SafetensorsFile.open(folder)) {
      assertThat(file.tensors()).containsOnlyKeys("w1");
    }
  }

  private void shard(String name, String tensor, float value) {
    SafetensorsWriter.writeEntries(
        folder.resolve(name), SafetensorsWriter.TORCH_METADATA, List.of(floats(tensor, value)));
  }

  private void index(String map) throws IOException {
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"metadata\":{\"total_size\":8},\"weight_map\":" + map + "}");
  }

  private static TensorEntry floats(String name, float... values) {
    return new TensorEntry(
        name, DataType.F32, new long[] {values.length}, MemorySegment.ofArray(values));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | overlaps
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}         | gap
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}         | end at byte 4
          {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}        | data_offsets
          {"a":{"dtype":"F32","shape":[0],"data_offsets":[8,0]}}         | data_offsets
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}           | data_offsets
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}        | non-negative
          {"a":{"dtype":"F32","shape":[2]}}                              | data_offsets
          {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}         | does not fit F32
          {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}        | non-negative
          {"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}       | non-negative
          {"a":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}         | shape
          {"a":{"dtype":"F32","shape":[4611686018427387905,4],"data_offsets":[0,8]}} | does not fit
          {"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}  | non-negative
          {"a":{"dtype":"F4","shape":[15],"data_offsets":[0,8]}}         | does not fit F4
          {"a":{"dtype":"Q8_0","shape":[8],"data_offsets":[0,8]}}        | dtype "Q8_0"
          {"a":{"dtype":"X","shape":[8],"data_offsets":[0,8]}}           | dtype "X"
          {"a":{"shape":[8],"data_offsets":[0,8]}}                       | dtype ""
          {"a":7}                                                        | data_offsets
          {"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{}}   | Duplicate
          {"__metadata__":{"a":1}}                                       | __metadata__
          {"__metadata__":[]}                                            | __metadata__
          []                                                             | object
          {} {}                                                          | not valid
          {"a":                                                          | not valid
          """)
  void badHeaderIsRefused(String header, String message) {
    Path path = file(header).i64(0).writeTo(folder.resolve("bad.safetensors"));
    assertThatThrownBy(() -> SafetensorsFile.open(path))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("bad.safetensors", message);
  }

  @ParameterizedTest
  @CsvSource({"9", "9223372036854775807", "-1", "100000000000"})
  void hugeHeaderLengthIsRefused(long length) {
    Path path = new FileBytes().i64(length).ascii("{}").writeTo(folder.resolve("bad"));
    assertThatThrownBy(() -> SafetensorsFile.open(path))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("header claims");
  }

  @Test
  void unreadableTypeCanBeListedButNotRead() {
    Path path =
        file("{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]}}")
            .i64(0)
            .writeTo(folder.resolve("x"));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.tensor("a").type()).isEqualTo(DataType.F8_E4M3);
      assertThatThrownBy(() -> file.tensor("a").toTensor())
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("F8_E4M3", "BF16");
      assertThatThrownBy(() -> file.tensor("a").toFloats()).isInstanceOf(LengthwiseException.class);
    }
  }

  @Test
  void everyTruncationIsRefused() {
    Damage.everyPrefixIsRefused(folder, valid().bytes(), SafetensorsFile::open);
  }

  @Test
  void changedHeaderBytesAreReadOrRefused() {
    Damage.changedBytesAreReadOrRefused(
        folder, valid().bytes(), 8 + VALID.length(), SafetensorsFile::open);
  }

  @Test
  void realGptJFileIsRead() {
    Path path = RealModels.file("models/gptj-tiny-random/model.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(path);
        PointerScope _ = new PointerScope()) {
      assertThat(file.header().path("model_type").asText()).isEqualTo("gptj");
      TensorEntry embedding =
          file.tensors().values().stream()
              .filter(entry -> entry.name().endsWith("wte.weight"))
              .findFirst()
              .orElseThrow();
      assertThat(embedding.shape()).containsExactly(1024, 32);
      float[] values = embedding.toFloats();
      assertThat(embedding.toTensor().flatten().get(33).item_float()).isEqualTo(values[33]);
    }
  }
}
