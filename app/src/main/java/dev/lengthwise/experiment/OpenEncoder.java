package dev.lengthwise.experiment;

import dev.lengthwise.encode.Encoder;
import dev.lengthwise.encode.Pooling;
import dev.lengthwise.encode.Recipe;
import dev.lengthwise.family.LoadedModel;
import dev.lengthwise.family.ModelLoader;
import dev.lengthwise.family.Precision;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Path;

/// A trained encoder, opened to make vectors.
///
/// @param loaded weights and plan
/// @param tokenizer of its folder
/// @param workshop whose threads compute
record OpenEncoder(LoadedModel loaded, Tokenizer tokenizer, Workshop workshop)
    implements AutoCloseable {

  /// Opens a model folder.
  static OpenEncoder of(Path folder, Workshop workshop) {
    LoadedModel loaded =
        ModelLoader.load(folder, TestedModel::method, Precision.F32, workshop.workers());
    return new OpenEncoder(loaded, TokenizerFinder.of(loaded), workshop);
  }

  /// The encoder with its own method; longer texts are cut.
  ///
  /// @param longest tokens of a text
  Encoder encoder(Pooling pooling, long longest) {
    return encoder("declared", pooling, longest);
  }

  /// The encoder under a method.
  Encoder encoder(String method, Pooling pooling, long longest) {
    PositionMethod own = loaded.spec().declared();
    PositionMethod chosen = new MethodParser(loaded.spec().shape(), own).parse(method);
    InferenceModel model =
        new InferenceModel(
            loaded.decoder(),
            new PlanFunction(loaded.spec().shape(), own, chosen),
            workshop.engine());
    return new Encoder(
        model, tokenizer, Recipe.of(pooling, true).withLongest(longest), Encoder.Excess.CUT);
  }

  @Override
  public void close() {
    loaded.close();
  }
}
