package dev.lengthwise.app.options;

import dev.lengthwise.encode.Encoder;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.runtime.OpenModel;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// An encoder with the position method that it reads with, for commands that read whole texts.
public final class EncoderModelOptions {

  @Mixin ModelOptions model = new ModelOptions();

  @Mixin MethodOptions method = new MethodOptions();

  @Option(
      names = "--truncate",
      description = "Leave out the end of texts that are longer than the encoder reads.")
  boolean truncate;

  @Option(
      names = "--past-trained-length",
      description =
          "Read texts on past the trained length under the model's own method, too, as far as"
              + " places that it has learned reach.")
  boolean pastTrainedLength;

  @Option(
      names = "--hierarchical-places",
      paramLabel = "ALPHA",
      arity = "0..1",
      fallbackValue = "0.4",
      description =
          "Read past the places that the model has learned: each further place is made of two,"
              + " weighted by ALPHA (without a number: 0.4).")
  @Nullable Double hierarchicalPlaces;

  /// Opens the model.
  public OpenModel open() {
    return model.open();
  }

  /// What happens to texts that are longer than the encoder reads.
  public Encoder.Excess excess() {
    Usage.require(
        !truncate || !pastTrainedLength,
        "--truncate and --past-trained-length exclude each other; give one of them");
    if (truncate) {
      return Encoder.Excess.CUT;
    }
    return pastTrainedLength ? Encoder.Excess.READ : Encoder.Excess.REFUSED;
  }

  /// The opened model under the chosen method.
  public InferenceModel inference(OpenModel open) {
    InferenceModel plain = open.inference(method.text(), OptionalLong.empty());
    Double alpha = hierarchicalPlaces;
    if (alpha == null) {
      return plain;
    }
    Usage.require(
        alpha > 0 && alpha < 1 && alpha != 0.5,
        "--hierarchical-places must lie between 0 and 1 and not be 0.5, found " + alpha);
    return new InferenceModel(
        plain.decoder().withHierarchicalPlaces(alpha),
        plain.plans(),
        plain.engine(),
        plain.cacheType());
  }
}
