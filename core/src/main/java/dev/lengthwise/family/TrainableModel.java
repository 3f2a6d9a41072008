package dev.lengthwise.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.torch.Libtorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A checkpoint of any format and stored type, opened to be trained further: its weights are
/// decoded to f32.
public final class TrainableModel implements AutoCloseable {

  /// What may lie beside weights and says how texts become tokens, or how to generate.
  private static final Pattern COMPANION =
      Pattern.compile(
          "(tokenizer|special_tokens|added_tokens|vocab|merges|chat_template|generation_config)"
              + ".*\\.(json|model|txt|jinja)|.*\\.(tiktoken|model)");

  private static final String[] EARLIER_HEADS = {
    "classifier\\..*", "qa_outputs\\..*", "(.*\\.)?pooler\\..*", "head\\..*", "task\\..*"
  };

  private final Checkpoint checkpoint;
  private final MethodReader methods;
  private final WeightFile file;
  private final Map<String, Tensor> weights;

  private TrainableModel(
      Checkpoint checkpoint, MethodReader methods, WeightFile file, Map<String, Tensor> weights) {
    this.checkpoint = checkpoint;
    this.methods = methods;
    this.file = file;
    this.weights = weights;
  }

  /// Opens a weight file or folder and checks it, as [ModelLoader#load] does.
  ///
  /// @param workers share out what is checked
  /// @throws LengthwiseException when anything is wrong
  public static TrainableModel open(Path path, MethodReader methods, Workers workers) {
    Checkpoint checkpoint = Checkpoints.open(path);
    try {
      Families.Found found = Families.of(checkpoint);
      ModelSpec spec = found.spec(methods);
      return open(checkpoint, methods, found.format(), spec, workers, _ -> true);
    } catch (RuntimeException | Error e) {
      checkpoint.close();
      throw e;
    }
  }

  /// Opens an encoder for the head of a task. Of an earlier head only what is the same is read:
  /// the inner layer, such as BERT's pooler, and the last one where task and labels are the same.
  ///
  /// @param kind of the task
  /// @param labels of its answers; none where they have none
  /// @throws LengthwiseException as [#open], and of a model that has no such heads
  public static TrainableModel openFor(
      Path path, TaskHead.Kind kind, List<String> labels, MethodReader methods, Workers workers) {
    Checkpoint checkpoint = Checkpoints.open(path);
    try {
      Optional<TaskHead> earlier = Families.of(checkpoint).spec(methods).task();
      Checkpoint other = new OtherHeader(checkpoint, TaskHeads.wanted(checkpoint, kind, labels));
      Families.Found found = Families.of(other);
      ModelSpec spec = found.spec(methods);
      FileFormat format = found.format().with(found.format().names().ignoring(EARLIER_HEADS));
      boolean same = spec.task().equals(earlier);
      return open(other, methods, format, spec, workers, slot -> slot != Slot.TASK_OUTPUT || same);
    } catch (RuntimeException | Error e) {
      checkpoint.close();
      throw e;
    }
  }

  // What the file lacks of the head of a task is left out.
  private static TrainableModel open(
      Checkpoint checkpoint,
      MethodReader methods,
      FileFormat format,
      ModelSpec spec,
      Workers workers,
      Predicate<Slot> wanted) {
    Libtorch.load();
    MatrixProducts products = new MatrixProducts(workers);
    WeightFile file = new WeightFile(checkpoint, format, spec, Precision.F32, products);
    Predicate<WeightId> read =
        id -> !id.slot().isOfTask() || (wanted.test(id.slot()) && file.has(id));
    return new TrainableModel(checkpoint, methods, file, tensors(file, read));
  }

  private static Map<String, Tensor> tensors(WeightFile file, Predicate<WeightId> read) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      return file.tensors(ScalarType.Float, ComputeDevice.CPU, read);
    } catch (RuntimeException | Error e) {
      file.owned().forEach(Tensor::close);
      throw e;
    }
  }

  /// What it is, with its declared position method.
  public ModelSpec spec() {
    return file.spec();
  }

  /// SHA-256 of its weights.
  public String sha256() {
    return checkpoint.sha256();
  }

  /// The tokenizer of the model, where it has one.
  public Optional<Tokenizer> tokenizer() {
    return TokenizerFinder.ifAny(checkpoint, spec().vocabularySize());
  }

  /// The weights that a training of `trained` begins with: f32, by their own names. Of what its
  /// method learns only what this model has learned is among them.
  ///
  /// They live until the model is closed.
  ///
  /// @param trained this model with the method of the training
  public Map<String, Tensor> weights(ModelSpec trained) {
    Map<String, Tensor> all = new LinkedHashMap<>(weights);
    List<LearnedParameter> own = spec().declared().weights(spec().shape());
    for (LearnedParameter parameter : trained.declared().weights(trained.shape())) {
      if (own.contains(parameter)) {
        float[] numbers = checkpoint.tensor(parameter.tensorName()).toFloats();
        all.put(parameter.tensorName(), Tensor.create(numbers, parameter.shape()));
      }
    }
    return all;
  }

  /// The `config.json` of checkpoints of a training.
  ///
  /// @param trained this model with the method of the training
  /// @throws LengthwiseException where no header can say what that is
  public ObjectNode header(ModelSpec trained) {
    ObjectNode config =
        new ConfigWriter(methods).own(trained, TrainedFrom.of(checkpoint, spec())).config();
    ObjectNode given = checkpoint.header();
    for (String key : List.of("bos_token_id", "eos_token_id", "mask_token_id")) {
      if (given.has(key)) {
        config.set(key, given.get(key));
      }
    }
    return config.put("torch_dtype", "float32");
  }

  /// The files beside the weights that go along with a model; none where the weight file holds the
  /// tokenizer.
  public List<Path> companions() {
    if (Container.of(checkpoint) != Container.HUGGING_FACE) {
      return List.of();
    }
    Path folder = TokenizerFinder.folder(checkpoint);
    try (Stream<Path> inside = Files.list(folder)) {
      return inside
          .filter(Files::isRegularFile)
          .filter(path -> COMPANION.matcher(String.valueOf(path.getFileName())).matches())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new LengthwiseException("Folder " + folder + " cannot be read: " + FileReason.of(e), e);
    }
  }

  @Override
  public void close() {
    file.owned().forEach(Tensor::close);
    checkpoint.close();
  }
}
