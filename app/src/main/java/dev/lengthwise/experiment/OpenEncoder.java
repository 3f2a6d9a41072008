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
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Path;

/// A trained encoder, opened to make vectors.
///
/// @param loaded weights and plan
/// @param tokenizer of its folder
/// @param workshop whose threads compute
record OpenEncoder(LoadedModel loaded, Tokenizer tokenizer, Workshop workshop)
    implements AutoCloseable {

  /// In place of a method: learned places, of which further ones are made.
  static final String HIERARCHICAL = "hierarchical places";

  private static final double ALPHA = 0.4;

  /// Opens a model folder.
  static OpenEncoder of(Path folder, Workshop workshop) {
    LoadedModel loaded =
        ModelLoader.load(folder, OpenModel::declared, Precision.F32, workshop.workers());
    return new OpenEncoder(loaded, TokenizerFinder.of(loaded), workshop);
  }

  /// The encoder with its own method; longer texts are cut.
  ///
  /// @param longest tokens of a text
  Encoder encoder(Pooling pooling, long longest) {
    return encoder("declared", Recipe.of(pooling, true).withLongest(longest));
  }

  /// The encoder under a method, or with [#HIERARCHICAL] places, which reads on past its trained
  /// length.
  Encoder readingOn(String method, Pooling pooling) {
    return encoder(method, Recipe.of(pooling, true)).with(Encoder.Excess.READ);
  }

  private Encoder encoder(String method, Recipe recipe) {
    PositionMethod own = loaded.spec().declared();
    boolean learned = method.equals(HIERARCHICAL);
    PositionMethod chosen =
        new MethodParser(loaded.spec().shape(), own).parse(learned ? "declared" : method);
    InferenceModel model =
        new InferenceModel(
            learned ? loaded.decoder().withHierarchicalPlaces(ALPHA) : loaded.decoder(),
            new PlanFunction(loaded.spec().shape(), own, chosen),
            workshop.engine());
    return new Encoder(model, tokenizer, recipe, Encoder.Excess.CUT);
  }

  /// The encoder with its own method, whose vectors keep their lengths.
  Encoder unscaled(Pooling pooling, long longest) {
    return encoder("declared", Recipe.of(pooling, false).withLongest(longest));
  }

  @Override
  public void close() {
    loaded.close();
  }
}
