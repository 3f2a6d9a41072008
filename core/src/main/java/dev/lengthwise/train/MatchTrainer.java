package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.encode.LabelledPair;
import dev.lengthwise.encode.PairFile;
import dev.lengthwise.encode.RankCorrelation;
import dev.lengthwise.io.FolderLock;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightRole;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.match.PairLosses;
import dev.lengthwise.train.optimise.Optimizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// Trains an encoder on pairs of texts. Every validation writes the model of that step, as a folder
/// of sentence-transformers; a run that stops leaves the last one, and does not go on.
///
/// The same settings give the same bits with the same number of threads. Nothing is dropped out.
public final class MatchTrainer implements AutoCloseable {

  private static final int VALIDATED_AT_ONCE = 32;

  private final MatchConfig config;
  private final MatchFolder folder;
  private final Consumer<String> log;
  private final List<LabelledPair> validation;
  private final EpochBatches<LabelledPair> batches;
  private final Parameters parameters;
  private final @Nullable PairHead head;
  private final Optimizer optimizer;
  private final List<Tensor> weights;
  private final PairModel model;

  private MatchTrainer(
      MatchConfig config,
      StartingModel start,
      Tokenizer tokenizer,
      MatchFolder folder,
      Consumer<String> log) {
    this.config = config;
    this.folder = folder;
    this.log = log;
    MatchConfig.Task task = config.task();
    List<LabelledPair> training = PairFile.read(Path.of(task.training()));
    task.loss().requireLabels(training, task.training());
    validation = PairFile.read(Path.of(task.validation()));
    requireLabels(validation, task.validation());
    batches = new EpochBatches<>(training, task.pairs(), config.seed(), "pairs");
    ModelSpec spec = start.spec();
    parameters = Parameters.of(spec, start.weights(), config.seed(), ComputeDevice.CPU);
    int inputs = PairLosses.headInputs(task.loss(), spec.hiddenSize());
    head = inputs == 0 ? null : PairHead.random(task.loss().classes(), inputs, config.seed());
    Map<String, Tensor> all = new LinkedHashMap<>(parameters.tensors());
    Map<String, WeightRole> roles = new LinkedHashMap<>(parameters.roles());
    if (head != null) {
      all.putAll(head.tensors());
      roles.putAll(PairHead.roles());
    }
    weights = List.copyOf(all.values());
    optimizer = Optimizer.of(config.optimizer(), all, roles);
    model = new PairModel(task, parameters, head, tokenizer);
  }

  /// Trains, and writes the model into `out`.
  ///
  /// @param start the encoder to begin with
  /// @param out a new folder
  /// @param files knows what files of a model look like
  /// @param log receives lines for people
  /// @return the folder of the finished model
  /// @throws LengthwiseException where model, settings and pairs do not go together
  public static Path run(
      MatchConfig config, StartingModel start, Path out, ModelFiles files, Consumer<String> log) {
    MatchFolder folder = new MatchFolder(new EncoderRun(out, start, files), config);
    int before = torch.get_num_threads();
    torch.set_num_threads(Workers.atWork(config.threads()));
    try (FolderLock lock = FolderLock.of(out)) {
      EncoderRun.requireNew(lock);
      run(config, start, folder, log);
    } finally {
      torch.set_num_threads(before);
    }
    return folder.model();
  }

  private static void run(
      MatchConfig config, StartingModel start, MatchFolder folder, Consumer<String> log) {
    Tokenizer tokenizer = start.tokenizerOfEncoder(config.task().length());
    try (MatchTrainer trainer = new MatchTrainer(config, start, tokenizer, folder, log)) {
      trainer.train();
    }
  }

  private static void requireLabels(List<LabelledPair> pairs, String file) {
    if (!pairs.stream().allMatch(LabelledPair::isLabelled)) {
      throw new LengthwiseException(
          "Pairs of %s have no labels, which validation needs; label them.".formatted(file));
    }
  }

  private void train() {
    log.accept(
        "%,d parameters; %d steps of %d pairs"
            .formatted(parameters.count(), config.schedule().steps(), config.task().pairs()));
    folder.run().steps(config.schedule().steps(), config.interval(), this::step, this::report, log);
  }

  private void report(int step, double loss) {
    OptionalDouble spearman = validate();
    folder.write(step, loss, spearman, parameters, head);
    log.accept(
        String.format(
            Locale.ROOT,
            "step %d loss %.4f validation Spearman %s",
            step,
            loss,
            spearman.isPresent()
                ? String.format(Locale.ROOT, "%.4f", spearman.getAsDouble())
                : "undefined: all scores or all labels are equal"));
  }

  private double step(int step) {
    try (PointerScope _ = new PointerScope()) {
      Tensor loss = model.loss(batches.of(step));
      TensorVector all = new TensorVector(weights.toArray(new Tensor[0]));
      // A head that turns states into logits has no part in vectors.
      optimizer.add(parameters.gradients(loss, all, Set.of(Slot.HEAD)));
      optimizer.step(config.schedule().learningRate(step));
      return loss.item_double();
    }
  }

  private OptionalDouble validate() {
    List<double[]> scores = new ArrayList<>();
    for (int from = 0; from < validation.size(); from += VALIDATED_AT_ONCE) {
      int until = Math.min(validation.size(), from + VALIDATED_AT_ONCE);
      try (PointerScope _ = new PointerScope();
          NoGradGuard _ = new NoGradGuard()) {
        scores.add(model.scores(validation.subList(from, until)));
      }
    }
    return RankCorrelation.spearman(
        scores.stream().flatMapToDouble(Arrays::stream).toArray(), LabelledPair.labels(validation));
  }

  @Override
  public void close() {
    optimizer.close();
    parameters.close();
    if (head != null) {
      head.close();
    }
  }
}
