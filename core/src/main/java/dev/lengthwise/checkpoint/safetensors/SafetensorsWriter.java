package dev.lengthwise.checkpoint.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.EntryTensors;
import dev.lengthwise.checkpoint.SegmentOutput;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.torch.TorchMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/// Writes `.safetensors` files that Hugging Face programs read.
///
/// The file appears under its name only when it is complete. Tensors are stored by falling element
/// size, otherwise in the order given, behind a header padded to 8 bytes, so that each one is
/// aligned for its type.
public final class SafetensorsWriter {

  /// The metadata that Hugging Face's loader expects.
  public static final Map<String, String> TORCH_METADATA = Map.of("format", "pt");

  private static final int ALIGNMENT = 8;

  private record Part(String name, DataType type, List<Long> shape, AtomicFile.Content content) {
    long bytes() {
      return type.bytesFor(shape.stream().reduce(1L, Math::multiplyExact));
    }
  }

  private SafetensorsWriter() {}

  /// Writes stored tensors, replacing `file`.
  ///
  /// Throws [dev.lengthwise.LengthwiseException] when the file cannot be written, and
  /// `IllegalArgumentException` when a name occurs twice or a type does not exist in the format.
  public static void writeEntries(
      Path file, Map<String, String> metadata, List<TensorEntry> tensors) {
    write(
        file,
        metadata,
        tensors.stream()
            .map(
                entry ->
                    new Part(
                        entry.name(),
                        entry.type(),
                        Arrays.stream(entry.shape()).boxed().toList(),
                        channel -> SegmentOutput.write(channel, entry.data())))
            .toList());
  }

  /// Writes libtorch tensors of any device and layout in their own dtype, replacing `file`, in the
  /// order of the map. Only one tensor at a time is copied.
  ///
  /// Throws as [#writeEntries].
  public static void writeTensors(
      Path file, Map<String, String> metadata, Map<String, Tensor> tensors) {
    List<Part> parts = new ArrayList<>();
    tensors.forEach((name, tensor) -> parts.add(partOf(name, tensor)));
    write(file, metadata, parts);
  }

  private static Part partOf(String name, Tensor tensor) {
    DataType type =
        EntryTensors.dataTypeOf(tensor)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "tensor \"" + name + "\" has dtype " + tensor.scalar_type()));
    List<Long> shape = LongStream.range(0, tensor.dim()).map(tensor::size).boxed().toList();
    return new Part(name, type, shape, channel -> writeTensor(channel, tensor));
  }

  private static void writeTensor(FileChannel channel, Tensor tensor) throws IOException {
    try (PointerScope _ = new PointerScope()) {
      SegmentOutput.write(channel, TorchMemory.bytesOf(tensor.detach().cpu().contiguous()));
    }
  }

  private static void write(Path file, Map<String, String> metadata, List<Part> unordered) {
    List<Part> parts = new ArrayList<>(unordered);
    parts.sort(Comparator.comparingInt(part -> -part.type().blockBytes()));
    byte[] header = header(metadata, parts);
    AtomicFile.write(
        file,
        channel -> {
          SegmentOutput.write(channel, ByteBuffer.wrap(header));
          for (Part part : parts) {
            part.content().writeTo(channel);
          }
        });
  }

  private static byte[] header(Map<String, String> metadata, List<Part> parts) {
    ObjectNode header = JsonObjects.emptyObject();
    if (!metadata.isEmpty()) {
      metadata.forEach(header.putObject(SafetensorsLayout.METADATA)::put);
    }
    long offset = 0;
    for (Part part : parts) {
      if (header.has(part.name()) || part.name().equals(SafetensorsLayout.METADATA)) {
        throw new IllegalArgumentException("tensor name \"" + part.name() + "\" is taken");
      }
      if (!SafetensorsLayout.TYPES.contains(part.type())) {
        throw new IllegalArgumentException("safetensors has no type " + part.type());
      }
      ObjectNode node = header.putObject(part.name()).put("dtype", part.type().name());
      part.shape().forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(offset).add(offset + part.bytes());
      offset += part.bytes();
    }
    return framed(header);
  }

  private static byte[] framed(ObjectNode header) {
    byte[] json;
    try {
      json = JsonObjects.STRICT.writeValueAsBytes(header);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of texts and numbers is always JSON", e);
    }
    int padded = Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT;
    byte[] framed = new byte[SafetensorsLayout.LENGTH_BYTES + padded];
    Arrays.fill(framed, (byte) ' ');
    ByteBuffer.wrap(framed).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(json);
    return framed;
  }
}
