package dev.lengthwise;

import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.position.Retention;
import dev.lengthwise.runtime.RunningText;
import java.util.ArrayList;
import java.util.List;

/// What a session holds of its text, and why not more.
///
/// @param method the position method with its parameters
/// @param tokens of the text
/// @param unreadTokens those at its end that the next generation will read
/// @param readAgainTokens how many had to be read more than once, since the text went back or its
///     method changed
/// @param cacheBytes memory of keys, values and states
/// @param policy what happens where the text has more tokens than a limit
/// @param layers what runs of equal layers hold
public record ContextReport(
    String method,
    int tokens,
    int unreadTokens,
    int readAgainTokens,
    long cacheBytes,
    ContextPolicy policy,
    List<Layers> layers) {

  /// Copies the list.
  public ContextReport {
    layers = List.copyOf(layers);
  }

  /// What some layers one after the other hold.
  ///
  /// @param first number of the first layer
  /// @param last number of the last layer
  /// @param heldTokens whose values each of them holds; pages of 64 go whole
  /// @param rule what of a text they can still see, in words
  public record Layers(int first, int last, int heldTokens, String rule) {}

  static ContextReport of(PositionedModel model, RunningText text, ContextPolicy policy) {
    return new ContextReport(
        model.method(),
        text.length(),
        text.length() - text.read(),
        text.readAgain(),
        text.sequence().cacheBytes(),
        policy,
        layers(model.inference(), text));
  }

  private static List<Layers> layers(InferenceModel inference, RunningText text) {
    List<Integer> held = text.sequence().heldKeys();
    List<Layers> runs = new ArrayList<>();
    int attention = 0;
    for (int layer = 0; layer < inference.plans().shape().layers(); layer++) {
      boolean recurrence =
          inference.decoder().spec().layers().get(layer).mixer() instanceof Mixer.Recurrence;
      int tokens = recurrence ? 0 : held.get(attention++);
      String rule =
          recurrence
              ? "one state of all tokens"
              : rule(inference.plan(layer, Math.max(1, text.length())).retention());
      Layers last = runs.isEmpty() ? null : runs.getLast();
      if (last != null && last.heldTokens() == tokens && last.rule().equals(rule)) {
        runs.set(runs.size() - 1, new Layers(last.first(), layer, tokens, rule));
      } else {
        runs.add(new Layers(layer, layer, tokens, rule));
      }
    }
    return runs;
  }

  private static String rule(Retention retention) {
    if (retention.keepsAll()) {
      return "every token";
    }
    return retention.prefix() == 0
        ? "the last %d tokens".formatted(retention.window())
        : "the first %d tokens and the last %d".formatted(retention.prefix(), retention.window());
  }
}
