package dev.lengthwise.tokenizer.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.tokenizer.PreTokenizers;
import java.util.List;

/// The regular expressions that a step before the model stands for ([PreTokenizers]).
public sealed interface StepPatterns {

  /// One pattern, or none for a step that cuts nothing.
  record Known(List<String> patterns) implements StepPatterns {}

  /// A step that no pattern says.
  ///
  /// @param why continues "the tokenizer"
  record Unknown(String why) implements StepPatterns {}

  /// Those of a step of `pre_tokenizer`.
  static StepPatterns of(JsonNode step) {
    return switch (step.path("type").asText()) {
      case "Split" -> split(step);
      case "Digits" -> known(step.path("individual_digits").asBoolean() ? "\\p{N}" : "\\p{N}+");
      case "Punctuation" -> punctuation(step);
      case "ByteLevel" -> byteLevel(step);
      default -> new Unknown("has the step " + step.path("type").asText());
    };
  }

  private static StepPatterns known(String pattern) {
    return new Known(List.of(pattern));
  }

  // "Removed" and "invert" together keep what matches: the same where a pattern matches all.
  private static StepPatterns split(JsonNode step) {
    String behavior = step.path("behavior").asText("Isolated");
    boolean invert = step.path("invert").asBoolean();
    return behavior.equals(invert ? "Removed" : "Isolated")
        ? known(step.path("pattern").path("Regex").asText())
        : new Unknown("splits texts in the manner " + behavior);
  }

  private static StepPatterns punctuation(JsonNode step) {
    String behavior = step.path("behavior").asText("Isolated");
    return behavior.equals("Contiguous")
        ? known(PreTokenizers.PUNCTUATION)
        : new Unknown("takes punctuation in the manner " + behavior);
  }

  private static StepPatterns byteLevel(JsonNode step) {
    if (step.path("add_prefix_space").asBoolean(true)) {
      return new Unknown("puts a space before texts");
    }
    return step.path("use_regex").asBoolean(true)
        ? known(PreTokenizers.GPT2)
        : new Known(List.of());
  }
}
