package dev.lengthwise.server;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.batch.KeptPrompt;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.position.PositionMethod;
import java.util.Optional;
import java.util.stream.Stream;

/// Says of a prompt what it is of, and finds the model that a saved one is of.
record SlotOrigins(ServedModel model, ServerSettings settings) {

  SlotOrigin of(KeptPrompt prompt) {
    return new SlotOrigin(
        model.sha256(),
        model.configSha256(),
        model.arithmetic(),
        text(prompt.model()),
        prompt.model().cacheType().name(),
        settings.limits().chunk(),
        prompt.declared());
  }

  // Every parameter, and the lists that a name leaves out.
  private static String text(InferenceModel inference) {
    PositionMethod chosen = inference.plans().chosen();
    return chosen.value().text();
  }

  /// The model under the method of an origin.
  ///
  /// @throws LengthwiseException where keys and values of that origin are of no use here
  InferenceModel served(SlotOrigin origin) {
    requireSame("model", origin.weights(), model.sha256());
    requireSame("configuration of the model", origin.config(), model.configSha256());
    requireSame("arithmetic", origin.arithmetic(), model.arithmetic());
    requireSame(
        "--batch-size",
        Integer.toString(origin.chunk()),
        Integer.toString(settings.limits().chunk()));
    InferenceModel found =
        Stream.of(settings.method(), origin.method())
            .flatMap(method -> named(method).stream())
            .filter(it -> text(it).equals(origin.method()))
            .findFirst()
            .orElseThrow(
                () ->
                    new LengthwiseException(
                        "The slot was saved under the method %s, which the model does not have here"
                            .formatted(origin.method())));
    requireSame("--cache-type", origin.cacheType(), found.cacheType().name());
    return found;
  }

  private Optional<InferenceModel> named(String method) {
    try {
      return Optional.of(model.inference(method, settings.contextLimit()));
    } catch (ApiException _) {
      return Optional.empty(); // the text names none
    }
  }

  private static void requireSame(String what, String saved, String here) {
    if (!saved.equals(here)) {
      throw new LengthwiseException(
          "The slot was saved with another %s: %s, and here it is %s".formatted(what, saved, here));
    }
  }
}
