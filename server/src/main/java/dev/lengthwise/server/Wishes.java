package dev.lengthwise.server;

import dev.lengthwise.generate.Sampling;
import dev.lengthwise.generate.SamplingStep.Bias;
import dev.lengthwise.generate.SamplingStep.Penalties;
import dev.lengthwise.generate.TokenFilter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/// What requests for texts have in common.
///
/// @param method position method
/// @param rule for prompts that are too long
/// @param most tokens to generate; empty: as many as there is room for
/// @param copies of each answer, which differ in their seeds
/// @param sampling how tokens are drawn
/// @param stops texts that end an answer
/// @param ignoresEnd whether end tokens are never drawn
/// @param form what answers are bound to; empty: nothing
/// @param streams whether the answer is sent piece by piece
/// @param usage whether a stream ends with the number of tokens
/// @param progress whether a stream says how far its texts have come, and what they see
record Wishes(
    String method,
    ContextRule rule,
    OptionalInt most,
    int copies,
    Sampling sampling,
    List<String> stops,
    boolean ignoresEnd,
    Optional<TokenFilter.Maker> form,
    boolean streams,
    boolean usage,
    boolean progress) {

  private static final int MOST_COPIES = 128;
  private static final int MOST_STOPS = 64;
  private static final double GREATEST_TEMPERATURE = 100;

  /// Reads them.
  ///
  /// @param rules those that the kind of request has
  static Wishes read(
      Fields fields, ServerSettings settings, AnswerForms forms, List<ContextRule> rules) {
    requireModel(fields, settings);
    refuseWhatIsNotThere(fields);
    fields.ignore(
        "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key");
    boolean streams = fields.flag("stream", false);
    return new Wishes(
        fields.text("position_method").orElse(settings.method()),
        ContextRule.of(fields.text("context_policy"), rules),
        mostTokens(fields),
        fields.whole("n", 1, MOST_COPIES).orElse(1),
        sampling(fields, forms.tokens()),
        stops(fields),
        fields.flag("ignore_eos", false),
        forms.read(fields),
        streams,
        fields.object("stream_options").map(Wishes::usage).orElse(false),
        progress(fields, streams));
  }

  /// Refuses another model than the one that is served.
  static void requireModel(Fields fields, ServerSettings settings) {
    fields.text("model").ifPresent(model -> requireModel(model, settings));
  }

  /// Refuses another model than the one that is served.
  static void requireModel(String model, ServerSettings settings) {
    if (!model.equals(settings.name())) {
      throw ApiException.of(
          404,
          "invalid_request_error",
          "model_not_found",
          "model",
          "There is no model '%s' here, only '%s'"
              .formatted(Fields.shortened(model), settings.name()));
    }
  }

  private static boolean usage(Fields options) {
    options.ignore("include_obfuscation");
    boolean usage = options.flag("include_usage", false);
    options.requireKnown();
    return usage;
  }

  private static boolean progress(Fields fields, boolean streams) {
    boolean wanted = fields.flag("return_progress", false);
    if (wanted && !streams) {
      throw ApiException.invalid("return_progress", "'return_progress' goes with \"stream\": true");
    }
    return wanted;
  }

  private static OptionalInt mostTokens(Fields fields) {
    OptionalInt newer = fields.whole("max_completion_tokens", 0, Integer.MAX_VALUE);
    OptionalInt older = fields.whole("max_tokens", 0, Integer.MAX_VALUE);
    return newer.isPresent() ? newer : older;
  }

  private static Sampling sampling(Fields fields, int tokens) {
    OptionalLong seed = fields.wholeLong("seed", Long.MIN_VALUE, Long.MAX_VALUE);
    double topP = fields.number("top_p", 0, 1, 1);
    if (topP == 0) {
      throw ApiException.invalid("top_p", "'top_p' must be above 0; 'temperature' 0 is greedy");
    }
    Sampling usual =
        new Sampling(
            fields.number("temperature", 0, GREATEST_TEMPERATURE, 1),
            Math.max(0, fields.whole("top_k", -1, Integer.MAX_VALUE).orElse(0)), // −1 is off, too
            topP,
            fields.number("min_p", 0, 1, 0),
            seed.orElseGet(() -> ThreadLocalRandom.current().nextLong()));
    Sampling penalised = penalties(fields).map(usual::with).orElse(usual);
    return fields
        .object("logit_bias")
        .map(bias -> penalised.with(bias(bias, tokens)))
        .orElse(penalised);
  }

  private static Optional<Penalties> penalties(Fields fields) {
    double repetition = fields.number("repetition_penalty", 0.01, 100, 1);
    double frequency = fields.number("frequency_penalty", -100, 100, 0);
    double presence = fields.number("presence_penalty", -100, 100, 0);
    return repetition == 1 && frequency == 0 && presence == 0
        ? Optional.empty()
        : Optional.of(new Penalties(repetition, frequency, presence, -1));
  }

  // Keys are token ids as texts.
  private static Bias bias(Fields bias, int tokens) {
    Map<Integer, Double> values = new HashMap<>();
    for (String key : bias.names()) {
      if (!key.matches("[0-9]{1,9}")) {
        throw ApiException.invalid("logit_bias", "'logit_bias' has a key that is no token id");
      }
      int id = Integer.parseInt(key);
      if (id >= tokens) {
        throw ApiException.invalid(
            "logit_bias",
            "'logit_bias' names token %d; the model has tokens 0 to %d".formatted(id, tokens - 1));
      }
      values.put(id, bias.number(key, -1000, 1000, 0));
    }
    return new Bias(values);
  }

  private static List<String> stops(Fields fields) {
    List<String> stops = fields.texts("stop");
    if (stops.size() > MOST_STOPS || stops.stream().anyMatch(String::isEmpty)) {
      throw ApiException.invalid(
          "stop", "'stop' must be up to %d texts, none of them empty".formatted(MOST_STOPS));
    }
    return stops;
  }

  // What changes an answer and cannot be done yet.
  private static void refuseWhatIsNotThere(Fields fields) {
    fields.refuse("json_schema", "use 'response_format'");
    fields.refuse("best_of", "all answers are returned; use 'n'", "1");
  }

  /// The same with a number of tokens where none is said.
  Wishes withDefaultMost(int tokens) {
    return new Wishes(
        method,
        rule,
        OptionalInt.of(most.orElse(tokens)),
        copies,
        sampling,
        stops,
        ignoresEnd,
        form,
        streams,
        usage,
        progress);
  }

  /// The same, bound to a call of a tool.
  Wishes boundTo(TokenFilter.Maker call) {
    if (form.isPresent()) {
      throw ApiException.invalid(
          "tool_choice", "a forced call, 'response_format' and 'grammar' exclude each other");
    }
    return new Wishes(
        method,
        rule,
        most,
        copies,
        sampling,
        stops,
        ignoresEnd,
        Optional.of(call),
        streams,
        usage,
        progress);
  }

  /// The sampling of one of the copies.
  Sampling samplingOf(int copy) {
    return sampling.withSeed(sampling.seed() + copy);
  }
}
