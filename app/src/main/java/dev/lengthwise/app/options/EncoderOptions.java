package dev.lengthwise.app.options;

import dev.lengthwise.encode.Encoder;
import dev.lengthwise.encode.Pooling;
import dev.lengthwise.encode.Recipe;
import dev.lengthwise.runtime.OpenModel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How texts become vectors, for commands that make them.
public final class EncoderOptions {

  @Mixin EncoderModelOptions encoding = new EncoderModelOptions();

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

  /// Opens the model.
  public OpenModel open() {
    return encoding.open();
  }

  /// The encoder of an opened model, which its caller closes.
  public Encoder encoder(OpenModel open) {
    Recipe own = open.recipe();
    Recipe pooled = pooling == null ? own : own.with(Pooling.named(pooling));
    Recipe recipe = normalize == null ? pooled : pooled.normalizing(normalize);
    Encoder.Excess excess = encoding.excess();
    return new Encoder(encoding.inference(open), open.tokenizer(), recipe, excess);
  }

  /// What is put before each text.
  public String prompt(Encoder encoder) {
    Usage.require(
        prompt == null || promptText == null,
        "--prompt and --prompt-text exclude each other; give one of them");
    return promptText == null ? encoder.recipe().prompt(Optional.ofNullable(prompt)) : promptText;
  }
}
