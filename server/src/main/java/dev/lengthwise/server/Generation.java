package dev.lengthwise.server;

import dev.lengthwise.batch.TextRequest;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.InferenceModel;
import java.util.ArrayList;
import java.util.List;

/// The texts that a request asks for: copies of one prompt follow one another.
///
/// @param wishes what the request says
/// @param prompts one for each text
/// @param texts as the scheduler gets them
record Generation(Wishes wishes, List<Prompt> prompts, List<TextRequest> texts) {

  /// The texts of some prompts.
  ///
  /// @param scoring which tokens are scored
  /// @param owner whose they are
  static Generation of(
      Wishes wishes,
      List<Prompt> prompts,
      Scoring scoring,
      ServedModel model,
      ServerSettings settings,
      Object owner) {
    List<Prompt> all = new ArrayList<>();
    List<TextRequest> texts = new ArrayList<>();
    for (Prompt prompt : prompts) {
      int room = settings.contextLimit() - prompt.ids().length;
      int most = Math.min(room, wishes.most().orElse(room));
      long length = (long) prompt.ids().length + most;
      InferenceModel inference = model.inference(wishes.method(), length);
      for (int copy = 0; copy < wishes.copies(); copy++) {
        GenerationOptions options =
            new GenerationOptions(
                most,
                settings.limits().chunk(),
                wishes.samplingOf(copy),
                wishes.stops(),
                wishes.ignoresEnd(),
                scoring.likely(),
                wishes.form());
        all.add(prompt);
        texts.add(
            new TextRequest(
                inference, prompt.ids(), options, scoring.prompt(), owner, wishes.progress()));
      }
    }
    return new Generation(wishes, List.copyOf(all), List.copyOf(texts));
  }

  /// The effective method of the first text, with its parameters.
  String method() {
    return texts.getFirst().model().plans().chosen().name();
  }

  /// Tokens of all prompts, each once.
  int promptTokens() {
    int tokens = 0;
    for (int n = 0; n < prompts.size(); n += wishes.copies()) {
      tokens += prompts.get(n).ids().length;
    }
    return tokens;
  }

  /// Tokens that the prompts lost.
  int dropped() {
    int tokens = 0;
    for (int n = 0; n < prompts.size(); n += wishes.copies()) {
      tokens += prompts.get(n).dropped();
    }
    return tokens;
  }
}
