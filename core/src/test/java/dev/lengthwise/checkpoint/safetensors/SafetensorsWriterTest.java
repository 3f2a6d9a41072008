package dev.lengthwise.checkpoint.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {

  @TempDir Path folder;

  private static JsonNode metadata(Path path) throws IOException {
    try (DataInputStream file = new DataInputStream(Files.newInputStream(path))) {
      byte[] header = file.readNBytes((int) Long.reverseBytes(file.readLong()));
      return new ObjectMapper().readTree(header).path("__metadata__");
    }
  }

  @Test
  void entriesOfEveryTypeRoundTrip() throws IOException {
    List<TensorEntry> written =
        SafetensorsLayout.TYPES.stream()
            .sorted()
            .map(
                type ->
                    new TensorEntry(
                        "tensor ü " + type,
                        type,
                        new long[] {3, 4},
                        MemorySegment.ofArray(new byte[(int) type.bytesFor(12)]).fill((byte) 7)))
            .toList();
    Path path = folder.resolve("x.safetensors");
    SafetensorsWriter.writeEntries(path, Map.of("format", "pt", "note", "\"ü\""), written);
    assertThat(metadata(path))
        .isEqualTo(new ObjectMapper().valueToTree(Map.of("format", "pt", "note", "\"ü\"")));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.tensors()).hasSameSizeAs(written);
      for (TensorEntry expected : written) {
        TensorEntry found = file.tensor(expected.name());
        assertThat(found.type()).isEqualTo(expected.type());
        assertThat(found.shape()).containsExactly(3, 4);
        assertThat(found.data().mismatch(expected.data())).isEqualTo(-1);
        if (found.type().blockSize() == 1) {
          assertThat(found.data().address() % found.type().blockBytes()).isZero();
        }
      }
    }
  }

  @Test
  void torchTensorsRoundTripBitForBit() {
    Path path = folder.resolve("x.safetensors");
    try (PointerScope _ = new PointerScope()) {
      Tensor weights = torch.randn(5, 7).t();
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("flag", torch.ones(3).to(ScalarType.Bool));
      tensors.put("weights", weights.set_requires_grad(true));
      tensors.put("half", weights.to(ScalarType.Half));
      tensors.put("brain", weights.to(ScalarType.BFloat16));
      tensors.put("scalar", torch.ones().to(ScalarType.Long));
      tensors.put("none", torch.empty(0, 4));
      SafetensorsWriter.writeTensors(path, SafetensorsWriter.TORCH_METADATA, tensors);
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        assertThat(file.tensors().keySet())
            .containsExactly("scalar", "weights", "none", "half", "brain", "flag");
        assertThat(file.tensor("weights").shape()).containsExactly(7, 5);
        tensors.forEach(
            (name, tensor) -> {
              Tensor found = file.tensor(name).toTensor();
              assertThat(found.scalar_type().intern()).isEqualTo(tensor.scalar_type().intern());
              assertThat(found.equal(tensor.detach())).as(name).isTrue();
            });
      }
    }
  }

  @Test
  void failedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path path = folder.resolve("x.safetensors");
    Files.writeString(path, "old");
    TensorEntry entry =
        new TensorEntry("a", DataType.Q8_0, new long[] {32}, MemorySegment.ofArray(new byte[34]));
    assertThatThrownBy(() -> SafetensorsWriter.writeEntries(path, Map.of(), List.of(entry)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> SafetensorsWriter.writeEntries(folder.resolve("no/x"), Map.of(), List.of()))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("cannot be written");
    Path occupied = folder.resolve("occupied");
    Files.createDirectories(occupied.resolve("inside"));
    assertThatThrownBy(() -> SafetensorsWriter.writeEntries(occupied, Map.of(), List.of()))
        .isInstanceOf(LengthwiseException.class);
    assertThat(path).hasContent("old");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(path, occupied);
    }
  }

  @Test
  void repeatedNamesAreRefused() {
    TensorEntry entry =
        new TensorEntry("a", DataType.U8, new long[] {1}, MemorySegment.ofArray(new byte[1]));
    assertThatThrownBy(
            () ->
                SafetensorsWriter.writeEntries(
                    folder.resolve("x"), Map.of(), List.of(entry, entry)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("taken");
  }
}
