package dev.lengthwise.tokenizer.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.JsonFailure;
import dev.lengthwise.tokenizer.ByteLevel;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The text of a `tokenizer.json`, read for what the native library does not tell: the bytes of
/// each token, and which tokens are control tokens.
///
/// Understood are vocabularies of type `BPE` and `Unigram` whose pieces are byte-level (GPT-2) or
/// use `▁` for the space and `<0xNN>` for a byte (Llama), and `WordPiece` (BERT), whose pieces
/// begin a word unless they begin with `##`. Tokens marked `special` are control
/// tokens: they add no bytes, and their names inside a text are ordinary text.
public final class TokenizerJson {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final ObjectNode root;
  private final String origin;
  private final Map<String, Integer> ids = new HashMap<>();
  private final boolean byteLevel;

  private TokenizerJson(ObjectNode root, String origin) {
    this.root = root;
    this.origin = origin;
    this.byteLevel = isByteLevel();
  }

  /// Reads `content`; `origin` names the file in errors.
  public static TokenizerJson parse(byte[] content, String origin) {
    try {
      if (MAPPER.readTree(content) instanceof ObjectNode root
          && root.path("model").path("vocab").isContainerNode()) {
        return new TokenizerJson(root, origin);
      }
    } catch (JsonProcessingException e) {
      throw new LengthwiseException(
          origin
              + " is not valid JSON: "
              + JsonFailure.reason(e)
              + "; the file may be cut off, fetch it again",
          e);
    } catch (IOException e) {
      throw new LengthwiseException("cannot read " + origin + ": " + e.getMessage(), e);
    }
    throw new LengthwiseException(
        origin
            + " is JSON but not a tokenizer.json: expected an object with \"model\".\"vocab\"; name"
            + " the tokenizer.json of the model");
  }

  /// The bytes of every id; `limit` is an upper bound for ids that make sense (the file's size).
  public List<byte[]> bytes(int limit) {
    Map<Integer, byte[]> bytes = new HashMap<>();
    JsonNode vocabulary = root.path("model").path("vocab");
    if (vocabulary instanceof ArrayNode pieces) {
      for (int id = 0; id < pieces.size(); id++) {
        add(bytes, pieces.get(id).path(0).asText(), id);
      }
    } else {
      for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
        add(bytes, entry.getKey(), checked(entry.getValue(), entry.getKey(), limit));
      }
    }
    for (JsonNode token : root.path("added_tokens")) {
      String content = token.path("content").asText();
      int id = checked(token.path("id"), content, limit);
      ids.put(content, id);
      bytes.put(
          id,
          token.path("special").asBoolean()
              ? new byte[0]
              : content.getBytes(StandardCharsets.UTF_8));
    }
    if (bytes.isEmpty()) {
      throw new LengthwiseException(origin + " has an empty vocabulary: fetch the file again");
    }
    int size = 1 + bytes.keySet().stream().mapToInt(Integer::intValue).max().orElseThrow();
    List<byte[]> all = new ArrayList<>(size);
    for (int id = 0; id < size; id++) {
      all.add(bytes.getOrDefault(id, new byte[0]));
    }
    return all;
  }

  /// The id of every piece and added token; filled by [#bytes(int)].
  public Map<String, Integer> ids() {
    return ids;
  }

  /// The ids of tokens that are marked `special`, by name.
  public Map<String, Integer> controls() {
    Map<String, Integer> controls = new HashMap<>();
    for (JsonNode token : root.path("added_tokens")) {
      if (token.path("special").asBoolean()) {
        controls.put(token.path("content").asText(), token.path("id").asInt());
      }
    }
    return controls;
  }

  /// Whether pieces are spelled in bytes, as those of GPT-2.
  public boolean byteLevel() {
    return byteLevel;
  }

  /// Whether its model is BPE, the kind of a file that does not say.
  public boolean mergesPairs() {
    return root.path("model").path("type").asText("BPE").equals("BPE");
  }

  /// The steps before the model, one after the other.
  public List<JsonNode> preTokenizers() {
    return parts(root.path("pre_tokenizer"), "pretokenizers");
  }

  /// The whole description.
  public JsonNode root() {
    return root;
  }

  /// Whether decoding takes away the one space that encoding puts in front.
  public boolean addsLeadingSpace() {
    if (byteLevel) {
      return false;
    }
    if (isWordPiece()) {
      return true;
    }
    return parts(root.path("decoder"), "decoders").stream()
        .anyMatch(
            part ->
                switch (part.path("type").asText()) {
                  case "Strip" -> part.path("start").asInt() > 0;
                  case "Metaspace" ->
                      !part.path("prepend_scheme").asText().equals("never")
                          && part.path("add_prefix_space").asBoolean(true);
                  default -> false;
                });
  }

  /// The description for the native library: texts are neither cut nor padded, nothing is added,
  /// and control tokens cannot be spelled by a text.
  ///
  /// The library gives an added token the id of the piece of the same name, or else the next free
  /// one; so every remaining added token is first made a piece, to keep its id.
  public ObjectNode forLibrary() {
    ObjectNode copy = root.deepCopy();
    copy.putNull("truncation").putNull("padding").putNull("post_processor");
    ObjectNode model = (ObjectNode) copy.path("model");
    model.putNull("dropout");
    ArrayNode kept = MAPPER.createArrayNode();
    for (JsonNode token : root.path("added_tokens")) {
      boolean special = token.path("special").asBoolean();
      String content = token.path("content").asText();
      if (!special) {
        kept.add(token);
      }
      switch (model.path("vocab")) {
        case ObjectNode pieces when !special -> pieces.set(content, token.path("id"));
        case ArrayNode pieces -> replace(pieces, token.path("id").asInt(), content, special);
        default -> {}
      }
    }
    copy.set("added_tokens", kept);
    return copy;
  }

  /// A unigram model would find the name of a control token in a text: such a piece gets a name
  /// with a noncharacter, which no text holds.
  private static void replace(ArrayNode pieces, int id, String content, boolean special) {
    while (pieces.size() <= id) {
      pieces.add(MAPPER.createArrayNode().add("\uFFFF" + pieces.size()).add(0.0));
    }
    double score = pieces.get(id).path(1).asDouble();
    pieces.set(id, MAPPER.createArrayNode().add(special ? "\uFFFF" + id : content).add(score));
  }

  private void add(Map<Integer, byte[]> bytes, String piece, int id) {
    ids.put(piece, id);
    bytes.put(id, bytes(piece));
  }

  private byte[] bytes(String piece) {
    if (isWordPiece()) {
      boolean continued = piece.startsWith(WordPieceJson.CONTINUED);
      String text = continued ? piece.substring(WordPieceJson.CONTINUED.length()) : " " + piece;
      return text.getBytes(StandardCharsets.UTF_8);
    }
    return byteLevel ? ByteLevel.read(piece) : SentencePieces.bytes(piece, byteFallback());
  }

  /// Whether pieces begin a word unless they are marked.
  public boolean isWordPiece() {
    return root.path("model").path("type").asText().equals("WordPiece");
  }

  private boolean byteFallback() {
    return root.path("model").path("byte_fallback").asBoolean();
  }

  private int checked(JsonNode id, String piece, int limit) {
    if (!id.canConvertToInt() || !id.isIntegralNumber() || id.asInt() < 0 || id.asInt() >= limit) {
      throw new LengthwiseException(
          origin
              + " gives the token \""
              + piece
              + "\" the id "
              + id
              + ": expected a whole number from 0 to "
              + (limit - 1)
              + "; the file is damaged");
    }
    return id.asInt();
  }

  private boolean isByteLevel() {
    if (isWordPiece()) {
      return false;
    }
    List<String> decoders = types(parts(root.path("decoder"), "decoders"));
    if (decoders.contains("ByteLevel")) {
      return true;
    }
    boolean metaspace =
        decoders.contains("Metaspace")
            || decoders.contains("ByteFallback")
            || parts(root.path("decoder"), "decoders").stream()
                .anyMatch(part -> part.path("pattern").path("String").asText().equals("▁"));
    if (metaspace) {
      return false;
    }
    List<String> preTokenizers = types(parts(root.path("pre_tokenizer"), "pretokenizers"));
    if (decoders.isEmpty() && preTokenizers.contains("ByteLevel")) {
      return true;
    }
    throw new LengthwiseException(
        origin
            + " has a decoder that Lengthwise does not know ("
            + (decoders.isEmpty() ? "none" : String.join(", ", decoders))
            + "): expected ByteLevel, Metaspace, or Replace with ByteFallback, as language models"
            + " have");
  }

  private static List<String> types(List<JsonNode> parts) {
    return parts.stream().map(part -> part.path("type").asText()).toList();
  }

  /// The parts of a step that may be a sequence of steps.
  static List<JsonNode> parts(JsonNode step, String children) {
    if (!step.isObject()) {
      return List.of();
    }
    if (!step.path("type").asText().equals("Sequence")) {
      return List.of(step);
    }
    List<JsonNode> parts = new ArrayList<>();
    step.path(children).forEach(child -> parts.addAll(parts(child, children)));
    return parts;
  }
}
