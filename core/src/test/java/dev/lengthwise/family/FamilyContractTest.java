package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.MappedArithmetic;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Projection;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.model.WeightList;
import dev.lengthwise.model.WeightSpec;
import dev.lengthwise.model.Weights;
import dev.lengthwise.torch.ComputeDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What holds for every family: each of its formats reads what it writes, in every stored type and
/// on both implementations of the verbs, and names the tensors that are missing or too many.
class FamilyContractTest {

  private static final int[] IDS = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9};

  /// A tiny model and a format that its family has, in some stored type.
  static Stream<Arguments> models() {
    List<Arguments> all = new ArrayList<>();
    for (String name : witnesses().keySet()) {
      for (WeightType type : List.of(WeightType.F32, WeightType.BF16, WeightType.Q8_0)) {
        all.add(Arguments.of(name, type));
      }
    }
    Witness.names("hf").forEach(name -> all.add(Arguments.of(name, WeightType.F8_E4M3)));
    return all.stream();
  }

  private static Map<String, Path> witnesses() {
    Map<String, Path> paths = new LinkedHashMap<>();
    for (String name : Witness.names("gguf")) {
      JsonNode fixture = Witness.json(Witness.resource("gguf/" + name + ".json"));
      paths.put(name, Witness.resource("gguf/" + fixture.get("gguf").asText()));
    }
    Witness.names("hf").forEach(name -> paths.put(name, Witness.resource("hf/" + name)));
    Witness.names("encoders")
        .forEach(name -> paths.put("encoder " + name, Witness.resource("encoders/" + name)));
    return paths;
  }

  @Test
  void everyFamilyHasAWitness() {
    Set<String> seen = new TreeSet<>();
    for (Path path : witnesses().values()) {
      try (LoadedModel model = Running.load(path)) {
        seen.add(model.spec().family());
      }
    }
    Set<String> families =
        Families.ALL.stream().map(Family::name).collect(Collectors.toCollection(TreeSet::new));
    // Mistral and Mixtral are Llama in GGUF; models of this program are tested where they are made.
    families.removeAll(Set.of("mistral", "mixtral", LengthwiseFamily.TYPE));
    assertThat(seen).containsAll(families);
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyFormatReadsWhatItWrites(String name, WeightType type) {
    try (LoadedModel model = dense(name);
        Arena arena = Arena.ofShared();
        PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      ModelSpec spec = model.spec();
      float[] expected = type == WeightType.F32 ? logits(model.decoder()) : null;
      boolean scaled = type == WeightType.F8_E4M3;
      for (FileFormat format : formats(spec)) {
        if (scaled && format.container() != Container.HUGGING_FACE) {
          continue; // ggml has no floats of eight bits
        }
        Checkpoint written = written(spec, format, weights(model), type, arena);
        float[] mapped = logits(mapped(written, format, spec));
        float[] dense = logits(dense(written, format, spec));
        double greatest = difference(mapped, dense);
        assertThat(greatest).as("%s in %s", format.types(), type).isLessThan(tolerance(spec));
        if (expected != null) {
          assertThat(difference(mapped, expected))
              .as("%s", format.types())
              .isLessThan(tolerance(spec));
        }
      }
    }
  }

  @Test
  void missingAndSuperfluousTensorsAreNamed() {
    for (String name : witnesses().keySet()) {
      try (LoadedModel model = dense(name);
          Arena arena = Arena.ofShared();
          PointerScope _ = new PointerScope();
          NoGradGuard _ = new NoGradGuard()) {
        ModelSpec spec = model.spec();
        FileFormat format = formats(spec).getFirst();
        Map<String, TensorEntry> tensors =
            new LinkedHashMap<>(
                written(spec, format, weights(model), WeightType.F32, arena).tensors());
        String last = List.copyOf(tensors.keySet()).getLast();
        TensorEntry removed = tensors.remove(last);
        assertRefused(new MemoryCheckpoint(tensors), format, spec, last);
        tensors.put(last, removed);
        tensors.put("one.too.many", removed);
        assertRefused(new MemoryCheckpoint(tensors), format, spec, "one.too.many");
      }
    }
  }

  // The name of a tensor may stand for another place in models that do not have the first one.
  @Test
  void noTensorStandsInForAMissingOne() {
    for (String name : witnesses().keySet()) {
      try (LoadedModel model = dense(name);
          Arena arena = Arena.ofShared();
          PointerScope _ = new PointerScope();
          NoGradGuard _ = new NoGradGuard()) {
        ModelSpec spec = model.spec();
        FileFormat format = formats(spec).getFirst();
        Map<String, TensorEntry> tensors =
            written(spec, format, weights(model), WeightType.F32, arena).tensors();
        List<String> ofFirstLayer =
            tensors.keySet().stream().filter(own -> !own.matches(".*\\.[1-9]\\d*\\..*")).toList();
        for (String missing : ofFirstLayer) {
          Map<String, TensorEntry> others = new LinkedHashMap<>(tensors);
          others.remove(missing);
          assertThatThrownBy(() -> mapped(new MemoryCheckpoint(others), format, spec))
              .as("%s without %s", name, missing)
              .isInstanceOf(LengthwiseException.class);
        }
      }
    }
  }

  private static void assertRefused(
      Checkpoint checkpoint, FileFormat format, ModelSpec spec, String tensor) {
    assertThatThrownBy(() -> mapped(checkpoint, format, spec))
        .as("%s", format.types())
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining(tensor);
  }

  private static LoadedModel dense(String name) {
    Path path = Objects.requireNonNull(witnesses().get(name));
    return ModelLoader.loadDense(
        path, Running.METHODS, Precision.F32, Running.WORKERS, ComputeDevice.CPU);
  }

  private static List<FileFormat> formats(ModelSpec spec) {
    return Families.ALL.stream()
        .filter(family -> family.name().equals(spec.family()))
        .flatMap(family -> family.formats().stream())
        .filter(format -> canWrite(spec, format))
        .toList();
  }

  // A family may have formats that not all of its models have names in.
  private static boolean canWrite(ModelSpec spec, FileFormat format) {
    return WeightList.of(spec).stream()
        .noneMatch(weight -> format.names().rowsOf(weight.id().slot()).isEmpty());
  }

  private static Map<String, Tensor> weights(LoadedModel model) {
    Weights weights = model.decoder().weights();
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (WeightSpec weight : WeightList.of(model.spec())) {
      Tensor vector = weights.find(weight.id());
      if (vector != null) {
        all.put(weight.name(), vector);
        continue;
      }
      Projection.Dense dense =
          (Projection.Dense) weights.projection(weight.id().with(WeightId.Part.WEIGHT));
      Tensor bias = dense.bias();
      boolean isBias = weight.id().part() == WeightId.Part.BIAS;
      all.put(weight.name(), isBias && bias != null ? bias : dense.weight());
    }
    return all;
  }

  private static Checkpoint written(
      ModelSpec spec,
      FileFormat format,
      Map<String, Tensor> weights,
      WeightType type,
      Arena arena) {
    Map<String, TensorEntry> tensors = new LinkedHashMap<>();
    for (FileTensor tensor : new FileTensors(spec, format).written()) {
      TensorEntry entry = entry(tensor, TensorJoiner.join(tensor, weights), type, arena);
      tensors.put(tensor.name(), entry);
      if (entry.type() == DataType.F8_E4M3) {
        TensorEntry scales = scales(entry);
        tensors.put(scales.name(), scales);
      }
    }
    return new MemoryCheckpoint(tensors);
  }

  // One for each row of a matrix, or one for all.
  private static TensorEntry scales(TensorEntry entry) {
    long[] shape = entry.shape();
    float[] scales = new float[shape.length == 2 ? (int) shape[0] : 1];
    for (int row = 0; row < scales.length; row++) {
      scales[row] = 0.5f + row % 5 * 0.25f;
    }
    return TensorEntry.ofFloats(entry.name() + "_scale", scales);
  }

  private static TensorEntry entry(
      FileTensor tensor, Tensor joined, WeightType wanted, Arena arena) {
    long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
    boolean matrix = tensor.parts().getFirst().shape().size() > 1;
    WeightType type =
        matrix && shape[shape.length - 1] % wanted.blockSize() == 0 ? wanted : WeightType.F32;
    float[] values = new float[(int) joined.numel()];
    joined.<FloatBuffer>createBuffer().get(values);
    MemorySegment data = arena.allocate(type.bytes(values.length), 64);
    type.encode(values, data);
    return new TensorEntry(tensor.name(), DataType.valueOf(type.name()), shape, data);
  }

  private static Decoder mapped(Checkpoint checkpoint, FileFormat format, ModelSpec spec) {
    MatrixProducts products = new MatrixProducts(Running.WORKERS);
    WeightFile file = new WeightFile(checkpoint, format, spec, Precision.F32, products);
    return Decoder.mapped(
        spec, file.mapped(), new MappedArithmetic(products, false, file::requireFinite));
  }

  private static Decoder dense(Checkpoint checkpoint, FileFormat format, ModelSpec spec) {
    MatrixProducts products = new MatrixProducts(Running.WORKERS);
    WeightFile file = new WeightFile(checkpoint, format, spec, Precision.F32, products);
    return Decoder.torch(spec, file.dense(ScalarType.Float, ComputeDevice.CPU));
  }

  private static float[] logits(Decoder decoder) {
    long[] ids = new long[IDS.length];
    for (int n = 0; n < ids.length; n++) {
      ids[n] = IDS[n];
    }
    Tensor row = Tensor.create(ids).view(1, ids.length);
    Tensor hidden = decoder.hidden(row, (_, queries, keys, values) -> mixed(queries, keys, values));
    Tensor logits = decoder.logits(hidden).contiguous();
    float[] numbers = new float[(int) logits.numel()];
    logits.<FloatBuffer>createBuffer().get(numbers);
    return numbers;
  }

  // Neither attention nor positions, but every number of queries, keys and values matters.
  private static Tensor mixed(Tensor queries, Tensor keys, Tensor values) {
    long group = queries.size(2) / keys.size(2);
    Tensor shares = queries.mul(repeated(keys, group)).sum(3).tanh().unsqueeze(3);
    return repeated(values, group).mul(shares);
  }

  // Deep models are conditioned worse: Baichuan's 40 layers lose a digit.
  private static double tolerance(ModelSpec spec) {
    return spec.layers().size() < 32 ? 5e-4 : 5e-3;
  }

  private static Tensor repeated(Tensor heads, long times) {
    return heads
        .unsqueeze(3)
        .expand(heads.size(0), heads.size(1), heads.size(2), times, heads.size(3))
        .flatten(2, 3);
  }

  private static double difference(float[] one, float[] other) {
    double greatest = 0;
    for (int n = 0; n < one.length; n++) {
      greatest = Math.max(greatest, Math.abs(one[n] - other[n]));
    }
    return greatest;
  }
}
