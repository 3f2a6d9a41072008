package dev.lengthwise.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.encode.Pooling;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.model.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// The folder of a training on pairs: settings, metrics, and the model as a folder of
/// sentence-transformers, in f32.
final class MatchFolder {

  private static final String POOLING = "1_Pooling";

  private final Path out;
  private final MatchConfig config;
  private final StartingModel start;
  private final ModelFiles files;

  MatchFolder(Path out, MatchConfig config, StartingModel start, ModelFiles files) {
    this.out = out;
    this.config = config;
    this.start = start;
    this.files = files;
  }

  /// Where the model lies.
  Path model() {
    return out.resolve("model");
  }

  /// Writes the model of a step in place of an earlier one, and adds a line of metrics.
  void write(
      int step,
      double loss,
      OptionalDouble spearman,
      Parameters parameters,
      @Nullable PairHead head) {
    AtomicFolder.replace(model(), inside -> writeModel(inside, parameters, head));
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("loss", loss);
    spearman.ifPresent(value -> line.put("spearman", value));
    append(JsonFile.line(line));
    JsonFile.write(out.resolve("train.json"), config);
  }

  private void append(String line) {
    Path file = out.resolve("metrics.jsonl");
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new LengthwiseException("File " + file + " cannot be written: " + FileReason.of(e), e);
    }
  }

  private void writeModel(Path folder, Parameters parameters, @Nullable PairHead head)
      throws IOException {
    ModelSource.Further.copy(start.companions(), folder);
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      ModelFiles.Written written = files.write(start.header(), parameters.stored(ScalarType.Float));
      SafetensorsWriter.writeTensors(
          folder.resolve(ModelExport.WEIGHTS), SafetensorsWriter.TORCH_METADATA, written.tensors());
      ObjectNode header = written.config();
      header.put(header.has("dtype") ? "dtype" : "torch_dtype", "float32");
      JsonFile.write(folder.resolve(ModelSource.HEADER), header);
    }
    if (head != null) {
      head.write(folder);
    }
    JsonFile.write(
        folder.resolve("modules.json"),
        List.of(module(0, "", "Transformer"), module(1, POOLING, "Pooling")));
    JsonFile.write(
        folder.resolve("sentence_bert_config.json"),
        Map.of("max_seq_length", config.task().length()));
    JsonFile.write(folder.resolve(POOLING).resolve("config.json"), pooling());
  }

  private static Map<String, Object> module(int index, String path, String type) {
    Map<String, Object> module = new LinkedHashMap<>();
    module.put("idx", index);
    module.put("name", Integer.toString(index));
    module.put("path", path);
    module.put("type", "sentence_transformers.models." + type);
    return module;
  }

  private Map<String, Object> pooling() {
    Pooling own = config.task().pooling();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("word_embedding_dimension", start.spec().hiddenSize());
    values.put("pooling_mode_cls_token", own == Pooling.CLS);
    values.put("pooling_mode_mean_tokens", own == Pooling.MEAN);
    values.put("pooling_mode_max_tokens", own == Pooling.MAX);
    values.put("pooling_mode_lasttoken", own == Pooling.LAST);
    return values;
  }
}
