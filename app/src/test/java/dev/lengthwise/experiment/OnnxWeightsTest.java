package dev.lengthwise.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.LittleEndian;
import dev.lengthwise.checkpoint.TensorEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// ONNX files that are written here, field by field.
class OnnxWeightsTest {

  @Test
  void namedWeightsAreThemselvesAndLinearLayersAreTurned() throws IOException {
    byte[] file =
        model(
            node("MatMul", "/encoder/layer.0/output/dense/MatMul", "x", "onnx::MatMul_7"),
            weight("embeddings.weight", 1, new float[] {1, 2, 3, 4, 5, 6}, 3, 2),
            weight("onnx::MatMul_7", 1, new float[] {1, 2, 3, 4, 5, 6}, 3, 2));

    List<TensorEntry> weights = OnnxWeights.read(file, "a.onnx");

    assertThat(weights)
        .extracting(TensorEntry::name)
        .containsExactly("embeddings.weight", "encoder.layer.0.output.dense.weight");
    assertThat(weights.getFirst().shape()).containsExactly(3, 2);
    assertThat(floats(weights.getFirst())).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(weights.getLast().shape()).containsExactly(2, 3);
    assertThat(floats(weights.getLast())).containsExactly(1, 3, 5, 2, 4, 6);
  }

  @Test
  void wholeNumbersAndConstantsAreLeftOut() throws IOException {
    byte[] file =
        model(
            weight("places", 7, new float[] {1, 2}, 1),
            weight("constant", 1, new float[] {1}),
            weight("bias", 1, new float[] {1, 2}, 2));

    assertThat(OnnxWeights.read(file, "a.onnx"))
        .extracting(TensorEntry::name)
        .containsExactly("bias");
  }

  @Test
  void aLinearLayerWithoutItsNodeIsNamed() throws IOException {
    byte[] file = model(weight("onnx::MatMul_7", 1, new float[] {1, 2}, 2, 1));

    assertThatThrownBy(() -> OnnxWeights.read(file, "a.onnx"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessage("a.onnx: no node says of which linear layer the weight onnx::MatMul_7 is");
  }

  @Test
  void aWeightWithTooFewNumbersIsNamed() throws IOException {
    byte[] file = model(weight("bias", 1, new float[] {1, 2}, 3));

    assertThatThrownBy(() -> OnnxWeights.read(file, "a.onnx"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessage("a.onnx: the weight bias of [3] needs 12 bytes, and the file has 8 of it");
  }

  @Test
  void aWeightOfAnImpossibleShapeIsNamed() throws IOException {
    byte[] negative = model(weight("bias", 1, new float[] {1, 2}, -1, -2));
    byte[] endless = model(weight("bias", 1, new float[] {1}, 1L << 30, 1L << 30, 1L << 30));

    assertThatThrownBy(() -> OnnxWeights.read(negative, "a.onnx"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessage("a.onnx is damaged: its weight bias has the shape [-1, -2]");
    assertThatThrownBy(() -> OnnxWeights.read(endless, "a.onnx"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("[1073741824, 1073741824, 1073741824] needs 4951760");
  }

  @Test
  void aTornFileIsRefused() throws IOException {
    byte[] file = model(weight("bias", 1, new float[] {1, 2}, 2));

    for (int length = file.length - 1; length > 0; length--) {
      byte[] torn = Arrays.copyOf(file, length);
      assertThatThrownBy(() -> OnnxWeights.read(torn, "a.onnx"))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageStartingWith("a.onnx is not a whole ONNX file (");
    }
  }

  static byte[] model(Field... graph) throws IOException {
    byte[] inside = message(graph);
    return message(output -> output.writeByteArray(7, inside));
  }

  private static Field node(String operator, String name, String... inputs) {
    return output ->
        output.writeByteArray(
            1,
            message(
                node -> {
                  for (String input : inputs) {
                    node.writeString(1, input);
                  }
                },
                node -> node.writeString(3, name),
                node -> node.writeString(4, operator)));
  }

  static Field weight(String name, int type, float[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return output ->
        output.writeByteArray(
            5,
            message(
                weight -> {
                  for (long size : shape) {
                    weight.writeInt64(1, size);
                  }
                },
                weight -> weight.writeInt32(2, type),
                weight -> weight.writeString(8, name),
                weight -> weight.writeByteArray(9, bytes.array())));
  }

  @FunctionalInterface
  interface Field {
    void write(CodedOutputStream output) throws IOException;
  }

  private static byte[] message(Field... fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream output = CodedOutputStream.newInstance(bytes);
    for (Field field : fields) {
      field.write(output);
    }
    output.flush();
    return bytes.toByteArray();
  }

  private static float[] floats(TensorEntry entry) {
    float[] values = new float[Math.toIntExact(entry.elements())];
    for (int n = 0; n < values.length; n++) {
      values[n] = entry.data().get(LittleEndian.F32, (long) n * Float.BYTES);
    }
    return values;
  }
}
