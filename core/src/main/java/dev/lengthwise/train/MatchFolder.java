package dev.lengthwise.train;

import dev.lengthwise.encode.Pooling;
import dev.lengthwise.io.JsonFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// The folder of a training on pairs, whose model is a folder of sentence-transformers.
///
/// @param run the folder
/// @param config the settings
record MatchFolder(EncoderRun run, MatchConfig config) {

  private static final String POOLING = "1_Pooling";

  /// Where the model lies.
  Path model() {
    return run.model();
  }

  /// Writes the model of a step in place of an earlier one, and adds a line of metrics.
  void write(
      int step,
      double loss,
      OptionalDouble spearman,
      Parameters parameters,
      @Nullable PairHead head) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("loss", loss);
    spearman.ifPresent(value -> line.put("spearman", value));
    run.write(config, line, parameters, folder -> writeModules(folder, head));
  }

  private void writeModules(Path folder, @Nullable PairHead head) {
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
    values.put("word_embedding_dimension", run.start().spec().hiddenSize());
    values.put("pooling_mode_cls_token", own == Pooling.CLS);
    values.put("pooling_mode_mean_tokens", own == Pooling.MEAN);
    values.put("pooling_mode_max_tokens", own == Pooling.MAX);
    values.put("pooling_mode_lasttoken", own == Pooling.LAST);
    return values;
  }
}
