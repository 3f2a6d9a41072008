package dev.lengthwise.experiment;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.LittleEndian;
import dev.lengthwise.checkpoint.TensorEntry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The weights of an ONNX graph that PyTorch exported, under the names that they had in PyTorch.
///
/// The exporter keeps the names of all weights but those of linear layers: these it transposes and
/// numbers, and only the node that multiplies with one says where it belongs.
///
/// Source of the field numbers: `onnx.proto` of ONNX 1.17.
final class OnnxWeights {

  private static final int GRAPH_OF_MODEL = 7;
  private static final int NODE_OF_GRAPH = 1;
  private static final int WEIGHT_OF_GRAPH = 5;
  private static final int INPUT_OF_NODE = 1;
  private static final int NAME_OF_NODE = 3;
  private static final int OPERATOR_OF_NODE = 4;
  private static final int DIMENSION_OF_WEIGHT = 1;
  private static final int TYPE_OF_WEIGHT = 2;
  private static final int NAME_OF_WEIGHT = 8;
  private static final int BYTES_OF_WEIGHT = 9;

  private static final int FLOAT = 1;
  private static final String NUMBERED = "onnx::";
  private static final String PRODUCT = "MatMul";

  private final String source;
  private final List<Weight> weights = new ArrayList<>();
  private final Map<String, String> layers = new LinkedHashMap<>();

  private record Weight(String name, long type, List<Long> shape, ByteString bytes) {}

  private OnnxWeights(String source) {
    this.source = source;
  }

  /// All weights in single precision, in the order of the file, linear layers as rows of their
  /// outputs. Other tensors, such as tables of places, are left out.
  ///
  /// @param model the bytes of the file; the tensors may keep them
  /// @param source what it is called in messages
  /// @throws LengthwiseException when the file is damaged, or a linear layer has no name
  static List<TensorEntry> read(byte[] model, String source) {
    OnnxWeights read = new OnnxWeights(source);
    try {
      CodedInputStream input = CodedInputStream.newInstance(model);
      input.enableAliasing(true);
      read.message(input, field -> field == GRAPH_OF_MODEL && read.within(input, read::ofGraph));
    } catch (IOException e) {
      throw new LengthwiseException(
          source + " is not a whole ONNX file (" + e.getMessage() + ")", e);
    }
    return read.weights.stream()
        .filter(weight -> weight.type == FLOAT && !weight.shape.isEmpty())
        .map(read::entry)
        .toList();
  }

  @FunctionalInterface
  private interface Field {
    /// Reads a field whose tag was read, or leaves it.
    boolean read(int number) throws IOException;
  }

  @FunctionalInterface
  private interface Message {
    void read(CodedInputStream input) throws IOException;
  }

  private void message(CodedInputStream input, Field field) throws IOException {
    for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
      if (!field.read(WireFormat.getTagFieldNumber(tag))) {
        input.skipField(tag);
      }
    }
  }

  private boolean within(CodedInputStream input, Message message) throws IOException {
    int limit = input.pushLimit(input.readRawVarint32());
    message.read(input);
    input.popLimit(limit);
    return true;
  }

  private void ofGraph(CodedInputStream input) throws IOException {
    message(
        input,
        field ->
            switch (field) {
              case NODE_OF_GRAPH -> within(input, this::ofNode);
              case WEIGHT_OF_GRAPH -> within(input, this::ofWeight);
              default -> false;
            });
  }

  private void ofNode(CodedInputStream input) throws IOException {
    List<String> inputs = new ArrayList<>();
    Map<Integer, String> words = new LinkedHashMap<>();
    message(
        input,
        field ->
            switch (field) {
              case INPUT_OF_NODE -> inputs.add(input.readString());
              case NAME_OF_NODE, OPERATOR_OF_NODE -> {
                words.put(field, input.readString());
                yield true;
              }
              default -> false;
            });
    if (PRODUCT.equals(words.get(OPERATOR_OF_NODE))) {
      inputs.forEach(weight -> layers.put(weight, words.getOrDefault(NAME_OF_NODE, "")));
    }
  }

  private void ofWeight(CodedInputStream input) throws IOException {
    List<Long> shape = new ArrayList<>();
    Map<Integer, Long> numbers = new LinkedHashMap<>();
    Map<Integer, ByteString> bytes = new LinkedHashMap<>();
    message(
        input,
        field ->
            switch (field) {
              case DIMENSION_OF_WEIGHT -> shape.add(input.readInt64());
              case TYPE_OF_WEIGHT -> {
                numbers.put(field, input.readInt64());
                yield true;
              }
              case NAME_OF_WEIGHT, BYTES_OF_WEIGHT -> {
                bytes.put(field, input.readBytes());
                yield true;
              }
              default -> false;
            });
    weights.add(
        new Weight(
            bytes.getOrDefault(NAME_OF_WEIGHT, ByteString.EMPTY).toStringUtf8(),
            numbers.getOrDefault(TYPE_OF_WEIGHT, 0L),
            shape,
            bytes.getOrDefault(BYTES_OF_WEIGHT, ByteString.EMPTY)));
  }

  private TensorEntry entry(Weight weight) {
    long[] shape = weight.shape.stream().mapToLong(Long::longValue).toArray();
    if (weight.shape.stream().anyMatch(size -> size < 0 || size > Integer.MAX_VALUE)) {
      throw new LengthwiseException(
          "%s is damaged: its weight %s has the shape %s"
              .formatted(source, weight.name, weight.shape));
    }
    MemorySegment data = MemorySegment.ofBuffer(weight.bytes.asReadOnlyByteBuffer());
    // Of a damaged file the product may fit no long.
    double expected =
        weight.shape.stream().mapToDouble(size -> size).reduce(Float.BYTES, (a, b) -> a * b);
    if (data.byteSize() != expected) {
      throw new LengthwiseException(
          "%s: the weight %s of %s needs %.0f bytes, and the file has %d of it"
              .formatted(source, weight.name, weight.shape, expected, data.byteSize()));
    }
    return weight.name.startsWith(NUMBERED)
        ? linear(weight.name, shape, data)
        : new TensorEntry(weight.name, DataType.F32, shape, data);
  }

  // "/encoder/layer.0/output/dense/MatMul" multiplies with encoder.layer.0.output.dense.weight.
  private TensorEntry linear(String numbered, long[] shape, MemorySegment data) {
    String node = layers.getOrDefault(numbered, "");
    if (shape.length != 2 || !node.startsWith("/") || !node.endsWith("/" + PRODUCT)) {
      throw new LengthwiseException(
          source + ": no node says of which linear layer the weight " + numbered + " is");
    }
    int inputs = Math.toIntExact(shape[0]);
    int outputs = Math.toIntExact(shape[1]);
    float[] rows = new float[inputs * outputs];
    for (int input = 0; input < inputs; input++) {
      for (int output = 0; output < outputs; output++) {
        rows[output * inputs + input] =
            data.get(LittleEndian.F32, ((long) input * outputs + output) * Float.BYTES);
      }
    }
    String layer = node.substring(1, node.length() - PRODUCT.length() - 1).replace('/', '.');
    return TensorEntry.ofFloats(layer + ".weight", rows, outputs, inputs);
  }
}
