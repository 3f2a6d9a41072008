package dev.lengthwise.app.options;

import dev.lengthwise.encode.Encoder;
import dev.lengthwise.encode.Pooling;
import dev.lengthwise.encode.Recipe;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.runtime.OpenModel;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How texts become vectors, for commands that make them.
public final class EncoderOptions {

  @Mixin public ModelOptions model = new ModelOptions();

  @Mixin MethodOptions method = new MethodOptions();

  @Option(
      names = "--pooling",
      paramLabel = "POOLING",
      description =
          "cls, mean, max or last, in place of what the files of the model say. Without a word of"
              + " theirs: mean for an encoder, last for a decoder.")
  @Nullable String pooling;

  @Option(
      names = "--normalize",
      negatable = true,
      paramLabel = "WHETHER",
      description = "Divide vectors by their length; default: what the files of the model say.")
  @Nullable Boolean normalize;

  @Option(
      names = "--prompt",
      paramLabel = "NAME",
      description = "Prompt of the model that is put before each text, such as query.")
  @Nullable String prompt;

  @Option(
      names = "--prompt-text",
      paramLabel = "TEXT",
      description = "Text that is put before each text, in place of a prompt of the model.")
  @Nullable String promptText;

  @Option(
      names = "--truncate",
      description = "Leave out the end of texts that are longer than the encoder reads.")
  boolean truncate;

  @Option(
      names = "--hierarchical-places",
      paramLabel = "ALPHA",
      arity = "0..1",
      fallbackValue = "0.4",
      description =
          "Read past the places that the model has learned: each further place is made of two,"
              + " weighted by ALPHA (without a number: 0.4).")
  @Nullable Double hierarchicalPlaces;

  /// The encoder of an opened model, which its caller closes.
  public Encoder encoder(OpenModel open) {
    Recipe own = open.recipe();
    Recipe pooled = pooling == null ? own : own.with(Pooling.named(pooling));
    Recipe recipe = normalize == null ? pooled : pooled.normalizing(normalize);
    return new Encoder(
        further(open.inference(method.text(), OptionalLong.empty())),
        open.tokenizer(),
        recipe,
        truncate ? Encoder.Excess.CUT : Encoder.Excess.REFUSED);
  }

  private InferenceModel further(InferenceModel model) {
    Double alpha = hierarchicalPlaces;
    if (alpha == null) {
      return model;
    }
    Usage.require(
        alpha > 0 && alpha < 1 && alpha != 0.5,
        "--hierarchical-places must lie between 0 and 1 and not be 0.5, found " + alpha);
    return new InferenceModel(
        model.decoder().withHierarchicalPlaces(alpha),
        model.plans(),
        model.engine(),
        model.cacheType());
  }

  /// What is put before each text.
  public String prompt(Encoder encoder) {
    Usage.require(
        prompt == null || promptText == null,
        "--prompt and --prompt-text exclude each other; give one of them");
    return promptText == null ? encoder.recipe().prompt(Optional.ofNullable(prompt)) : promptText;
  }
}
