package dev.lengthwise.server;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.batch.KeptPrompt;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.runtime.SavedChat;
import dev.lengthwise.runtime.SavedText;
import dev.lengthwise.runtime.StateFile.State;
import dev.lengthwise.runtime.StateOrigin;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/// Makes files of kept prompts, and says what of files is of use to the model that is served.
record SlotStates(ServedModel model, ServerSettings settings) {

  State of(KeptPrompt prompt) {
    SavedText text =
        new SavedText(
            model.name(),
            SavedText.markOf(model.tokenizer()),
            prompt.model().plans().chosen().name(),
            Optional.empty(),
            prompt.ids(),
            SavedChat.NONE);
    return new State(
        model.origin(prompt.model()).ofPrompt(settings.limits().chunk(), prompt.declared()),
        text,
        prompt.sequence());
  }

  /// The model under the method of a file.
  ///
  /// @param file its name
  /// @throws LengthwiseException where keys and values of that origin are of no use here
  /// @throws ApiException where the text is none of the model
  InferenceModel served(String file, StateOrigin origin, SavedText text) {
    InferenceModel found =
        Stream.of(settings.method(), origin.method())
            .flatMap(method -> named(method).stream())
            .filter(it -> model.origin(it).method().equals(origin.method()))
            .findFirst()
            .orElseGet(() -> model.inference(settings.method(), settings.contextLimit()));
    origin.requireSame(file, model.origin(found));
    StateOrigin.requireSame(
        file,
        "--batch-size",
        Integer.toString(origin.chunk()),
        Integer.toString(settings.limits().chunk()));
    requireFits(file, text.ids());
    return found;
  }

  private Optional<InferenceModel> named(String method) {
    try {
      return Optional.of(model.inference(method, settings.contextLimit()));
    } catch (ApiException _) {
      return Optional.empty(); // the text names none
    }
  }

  private void requireFits(String file, int[] ids) {
    if (ids.length == 0 || ids.length > settings.contextLimit()) {
      throw ApiException.invalid(
          "filename",
          "The slot %s has %d tokens, and a text may have %d"
              .formatted(file, ids.length, settings.contextLimit()));
    }
    if (Arrays.stream(ids).anyMatch(id -> id >= model.rows())) {
      throw ApiException.invalid(
          "filename", "The slot %s has tokens that the model does not have".formatted(file));
    }
  }
}
