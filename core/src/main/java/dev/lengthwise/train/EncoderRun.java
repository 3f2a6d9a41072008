package dev.lengthwise.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.FolderLock;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.model.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The folder of a training of an encoder: settings, metrics, and the model as it was at the last
/// validation, in f32.
///
/// @param out the folder
/// @param start what the training began with
/// @param files knows what files of a model look like
record EncoderRun(Path out, StartingModel start, ModelFiles files) {

  /// Where the model lies.
  Path model() {
    return out.resolve("model");
  }

  /// Refuses a folder that holds something: a training of an encoder does not go on.
  static void requireNew(FolderLock lock) {
    if (!lock.isOverNothing()) {
      throw new LengthwiseException(
          "Folder %s is not empty, and the training of an encoder begins anew; name another folder."
              .formatted(lock.folder()));
    }
  }

  /// Takes the steps of a training, and reports some: those of the interval and the last.
  ///
  /// The last step is that of the schedule, or the one during which somebody put a file `stop` into
  /// the folder.
  ///
  /// @param last number of steps
  /// @param interval steps between reports
  /// @param step takes the step of a number, from 1, and says its loss
  /// @param log receives lines for people
  /// @throws LengthwiseException where a loss is not finite
  void steps(
      int last, int interval, IntToDoubleFunction step, Report report, Consumer<String> log) {
    RunFolder folder = new RunFolder(out);
    boolean stopped = false;
    for (int number = 1; number <= last && !stopped; number++) {
      double loss = step.applyAsDouble(number);
      if (!Double.isFinite(loss)) {
        throw new LengthwiseException(
            "The loss of step %d is %s: training diverged; take a smaller schedule.peakLearningRate."
                .formatted(number, loss));
      }
      stopped = folder.takeStopRequest();
      if (number % interval == 0 || number == last || stopped) {
        report.of(number, loss);
      }
      if (stopped) {
        log.accept("stopped after step %d, as asked".formatted(number));
      }
    }
  }

  /// Writes what a step has reached.
  interface Report {

    /// Measures and writes.
    ///
    /// @param step from 1
    /// @param loss of the step
    void of(int step, double loss);
  }

  /// Writes the model of a step in place of an earlier one, and adds a line of metrics.
  ///
  /// @param config settings
  /// @param metrics of the step
  /// @param more what lies beside the weights
  void write(
      Object config,
      Map<String, Object> metrics,
      Parameters parameters,
      AtomicFolder.Content more) {
    AtomicFolder.replace(
        model(),
        inside -> {
          writeModel(inside, parameters);
          more.writeTo(inside);
        });
    append(JsonFile.line(metrics));
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

  private void writeModel(Path folder, Parameters parameters) throws IOException {
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
  }
}
