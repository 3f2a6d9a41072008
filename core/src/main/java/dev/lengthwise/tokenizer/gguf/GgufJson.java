package dev.lengthwise.tokenizer.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.PreTokenizer;
import dev.lengthwise.tokenizer.PreTokenizers;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.json.StepPatterns;
import dev.lengthwise.tokenizer.json.TokenizerJson;
import dev.lengthwise.tokenizer.sentencepiece.Pieces;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieces;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A BPE `tokenizer.json` as GGUF files carry it: byte-level ones as the model `gpt2`, ones with
/// `▁` and byte fallback as the model `llama`, whose scores are the ranks of the merges.
public final class GgufJson {

  private final TokenizerJson json;
  private final Tokenizer tokenizer;
  private final JsonNode model;

  /// @param json the description
  /// @param tokenizer what it was opened as
  public GgufJson(TokenizerJson json, Tokenizer tokenizer) {
    this.json = json;
    this.tokenizer = tokenizer;
    this.model = json.root().path("model");
  }

  /// The vocabulary, filled up to `rows` tokens.
  public GgufVocabulary vocabulary(int rows) {
    if (!json.mergesPairs() || !model.path("merges").isArray()) {
      throw cannot("is a " + model.path("type").asText() + " model");
    }
    List<Pieces.Piece> pieces = pieces();
    return json.byteLevel() ? byteLevel(pieces, rows) : byScore(pieces, rows);
  }

  private LengthwiseException cannot(String what) {
    return new LengthwiseException(
        "the tokenizer " + tokenizer.name() + " " + what + ", which GGUF cannot express");
  }

  private GgufVocabulary byScore(List<Pieces.Piece> pieces, int rows) {
    if (!model.path("byte_fallback").asBoolean()) {
      throw cannot("has neither bytes nor byte fallback");
    }
    GgufVocabulary.Spaces spaces = GgufVocabulary.Spaces.prefix(tokenizer.addsLeadingSpace());
    return GgufPieces.vocabulary("llama", spaces, pieces, tokenizer, rows);
  }

  private GgufVocabulary byteLevel(List<Pieces.Piece> pieces, int rows) {
    String normalizer = json.root().path("normalizer").path("type").asText("");
    if (!normalizer.isEmpty() && !normalizer.equals("NFC")) {
      throw cannot("normalises texts by " + normalizer);
    }
    String pre = preTokenizer().names().getFirst();
    List<Pieces.Piece> filled = GgufPieces.filled(pieces, tokenizer.name(), rows);
    return new GgufVocabulary(
        "gpt2",
        pre,
        filled.stream().map(Pieces.Piece::text).toArray(String[]::new),
        new float[0],
        filled.stream().mapToInt(piece -> piece.kind().number()).toArray(),
        merges().stream().map(merge -> String.join(" ", merge)).toArray(String[]::new),
        GgufVocabulary.Marks.of(tokenizer),
        GgufVocabulary.Spaces.prefix(false),
        new GgufVocabulary.Source(tokenizer.name(), tokenizer::sha256));
  }

  private PreTokenizer preTokenizer() {
    boolean ignoresMerges = model.path("ignore_merges").asBoolean();
    List<String> patterns =
        json.preTokenizers().stream().flatMap(step -> patterns(step).stream()).toList();
    return PreTokenizers.of(patterns, ignoresMerges)
        .orElseThrow(
            () ->
                cannot(
                    PreTokenizers.of(patterns, !ignoresMerges).isPresent()
                        ? "has an unusual setting of ignore_merges"
                        : "cuts texts into words by a pattern of its own"));
  }

  private List<String> patterns(JsonNode step) {
    return switch (StepPatterns.of(step)) {
      case StepPatterns.Known known -> known.patterns();
      case StepPatterns.Unknown unknown -> throw cannot(unknown.why());
    };
  }

  // Every id once; an added token takes the place of a piece.
  private List<Pieces.Piece> pieces() {
    int size = tokenizer.vocabularySize();
    List<Pieces.Piece> pieces = GgufPieces.places(size);
    Map<String, Float> scores = scores();
    float least = -scores.size() - 1;
    for (Map.Entry<String, JsonNode> entry : model.path("vocab").properties()) {
      String text = entry.getKey();
      float score = scores.getOrDefault(text, least);
      pieces.set(entry.getValue().asInt(), new Pieces.Piece(text, score, kind(text)));
    }
    for (JsonNode token : json.root().path("added_tokens")) {
      String text = token.path("content").asText();
      boolean special = token.path("special").asBoolean();
      Pieces.Kind added = special ? Pieces.Kind.CONTROL : Pieces.Kind.USER_DEFINED;
      Pieces.Kind kind = kind(text) == Pieces.Kind.UNKNOWN ? Pieces.Kind.UNKNOWN : added;
      pieces.set(token.path("id").asInt(), new Pieces.Piece(text, 0, kind));
    }
    return pieces;
  }

  private Pieces.Kind kind(String text) {
    if (json.byteLevel()) {
      return Pieces.Kind.NORMAL;
    }
    if (text.equals(model.path("unk_token").asText())) {
      return Pieces.Kind.UNKNOWN;
    }
    return SentencePieces.byteValue(text) >= 0 ? Pieces.Kind.BYTE : Pieces.Kind.NORMAL;
  }

  // The earlier a merge, the higher the score of what it makes.
  private Map<String, Float> scores() {
    Map<String, Float> scores = new HashMap<>();
    float rank = 0;
    for (List<String> merge : merges()) {
      rank--;
      scores.putIfAbsent(String.join("", merge), rank);
    }
    return scores;
  }

  // Older files write a merge as one text, newer ones as two.
  private List<List<String>> merges() {
    List<List<String>> merges = new ArrayList<>();
    for (JsonNode merge : model.path("merges")) {
      merges.add(
          merge.isArray()
              ? List.of(merge.path(0).asText(), merge.path(1).asText())
              : List.of(merge.asText().split(" ", 2)));
    }
    return merges;
  }
}
