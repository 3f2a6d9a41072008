package dev.lengthwise.family;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;

/// Runs loaded models in tests.
final class Running {

  /// The catalogue, for checkpoints that declare a method.
  static final MethodReader METHODS =
      (value, shape) -> new MethodParser(shape, new Rope()).method(value);

  /// One thread: the models are tiny, and a pool of one has nothing to close.
  static final Workers WORKERS = new Workers(1);

  private Running() {}

  static LoadedModel load(Path path) {
    return ModelLoader.load(path, METHODS, Precision.F32, WORKERS);
  }

  static InferenceModel inference(LoadedModel model, PositionMethod method, Attention engine) {
    return new InferenceModel(
        model.decoder(),
        new PlanFunction(model.spec().shape(), model.spec().declared(), method),
        engine);
  }

  /// Logits of all tokens under the declared method, one after the other.
  static float[] logits(LoadedModel model, Attention engine, int... ids) {
    try (Sequence sequence = inference(model, model.spec().declared(), engine).newSequence();
        PointerScope _ = new PointerScope()) {
      FloatBuffer buffer = sequence.logits(sequence.prefill(ids)).contiguous().createBuffer();
      float[] values = new float[buffer.remaining()];
      buffer.get(values);
      return values;
    }
  }
}
