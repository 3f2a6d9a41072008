package dev.lengthwise.tokenizer.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.tokenizer.PreTokenizers;
import dev.lengthwise.tokenizer.WordCuts;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// Where the texts of a `tokenizer.json` may be cut before they are encoded.
///
/// The steps of the library are followed one by one; whatever is not known here makes texts stay
/// whole. Known are:
///
/// * Added tokens that no text can spell across a cut or beside one.
/// * Normalisers that never look across an ASCII space: the Unicode forms, whose compositions do
///   not begin or end with it, and the `▁` for spaces, also in front of a text.
/// * Pre-tokenizers that cut there anyway ([PreTokenizers#cutWords]).
/// * BPE without such a pre-tokenizer, where no piece spans a cut: then no merge does, and merges
///   on one side do not depend on the other. Unigram sums scores from the begin of a text, rounded,
///   so that it is left alone.
final class JsonCuts {

  private static final Set<String> UNICODE_FORMS = Set.of("NFC", "NFD", "NFKC", "NFKD");
  private static final String SPACE = "▁";

  private final JsonNode root;
  private final JsonNode model;

  private JsonCuts(JsonNode root) {
    this.root = root;
    this.model = root.path("model");
  }

  /// The cuts for texts that the library encodes with this description.
  ///
  /// @param root what the library is given
  static WordCuts of(JsonNode root) {
    return new JsonCuts(root).cuts();
  }

  private WordCuts cuts() {
    List<JsonNode> normalizers = TokenizerJson.parts(root.path("normalizer"), "normalizers");
    boolean prepends = normalizers.stream().anyMatch(JsonCuts::prepends);
    boolean escapes = normalizers.stream().anyMatch(JsonCuts::escapes);
    if (!model.path("type").asText("BPE").equals("BPE")
        || !normalizers.stream().allMatch(JsonCuts::isLocal)
        || (prepends && !escapes)
        || !addedTokens().allMatch(JsonCuts::keepsAway)) {
      return WordCuts.NONE;
    }
    // What follows an added token is a text of its own, which must not begin at a cut.
    Stream<String> added = addedTokens().map(token -> token.path("content").asText() + " ");
    if (cutsWords()) {
      return WordCuts.avoiding(added, prepends);
    }
    return isWholeBpe()
        ? WordCuts.avoiding(Stream.concat(added, pieces()), prepends)
        : WordCuts.NONE;
  }

  private Stream<JsonNode> addedTokens() {
    return StreamSupport.stream(root.path("added_tokens").spliterator(), false);
  }

  // Options look at the neighbours. A token that begins with a letter could begin behind a cut,
  // where the space before it would be a text of its own, or is left out.
  private static boolean keepsAway(JsonNode token) {
    String content = token.path("content").asText();
    String word = content.startsWith(" ") ? content.substring(1) : content;
    return (word.isEmpty() || !Character.isLetter(word.charAt(0)))
        && !token.path("lstrip").asBoolean()
        && !token.path("rstrip").asBoolean()
        && !token.path("single_word").asBoolean();
  }

  private static boolean isLocal(JsonNode step) {
    return UNICODE_FORMS.contains(step.path("type").asText()) || prepends(step) || escapes(step);
  }

  private static boolean prepends(JsonNode step) {
    return step.path("type").asText().equals("Prepend")
        && step.path("prepend").asText().equals(SPACE);
  }

  private static boolean escapes(JsonNode step) {
    return step.path("type").asText().equals("Replace")
        && step.path("pattern").path("String").asText().equals(" ")
        && step.path("content").asText().equals(SPACE);
  }

  private List<JsonNode> steps() {
    return TokenizerJson.parts(root.path("pre_tokenizer"), "pretokenizers");
  }

  private boolean cutsWords() {
    List<String> patterns = new ArrayList<>();
    for (JsonNode step : steps()) {
      switch (StepPatterns.of(step)) {
        case StepPatterns.Known known -> patterns.addAll(known.patterns());
        case StepPatterns.Unknown _ -> {
          return false;
        }
      }
    }
    return PreTokenizers.cutWords(patterns);
  }

  // What depends on the ends of a word would depend on the ends of a part, and an unknown character
  // beside the cut could join those before it.
  private boolean isWholeBpe() {
    return steps().stream().allMatch(JsonCuts::ignoresSpaces)
        && !model.path("ignore_merges").asBoolean()
        && model.path("continuing_subword_prefix").asText("").isEmpty()
        && model.path("end_of_word_suffix").asText("").isEmpty()
        && model.path("vocab").has(SPACE);
  }

  // Metaspace may cut before a space, which only helps; a pattern of spaces finds none after the
  // normaliser; lines end at no cut.
  private static boolean ignoresSpaces(JsonNode step) {
    JsonNode pattern = step.path("pattern");
    return switch (step.path("type").asText()) {
      case "Metaspace" -> step.path("replacement").asText().equals(SPACE);
      case "Split" ->
          pattern.path("String").asText().equals(" ")
              || pattern.path("Regex").asText().equals(PreTokenizers.ONE_LINE);
      default -> false;
    };
  }

  private Stream<String> pieces() {
    return model.path("vocab").propertyStream().map(entry -> entry.getKey());
  }
}
