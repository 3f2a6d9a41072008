package dev.lengthwise.tokenizer.json;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// The `tokenizer.json` of a WordPiece vocabulary, which older encoders keep as a list of pieces.
///
/// Source: M. Schuster and K. Nakajima 2012, "Japanese and Korean voice search"; the rules for
/// characters are those of BERT's tokenizer.
///
/// @param lowerCase whether texts are put in lower case
/// @param stripAccents whether accents go; BERT strips them where it lowers
/// @param cutsIdeographs whether each ideograph is a word
/// @param begin the piece before a text
/// @param end the piece after a text
/// @param unknown the piece of words that have none
public record WordPieceJson(
    boolean lowerCase,
    boolean stripAccents,
    boolean cutsIdeographs,
    String begin,
    String end,
    String unknown) {

  /// What a piece inside a word begins with.
  public static final String CONTINUED = "##";

  private static final int LONGEST_WORD = 100;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// BERT's rules.
  ///
  /// @param lowerCase whether texts are put in lower case, without accents
  public static WordPieceJson bert(boolean lowerCase) {
    return new WordPieceJson(lowerCase, lowerCase, true, "[CLS]", "[SEP]", "[UNK]");
  }

  /// The description.
  ///
  /// @param pieces by id; those inside a word begin with [#CONTINUED]
  /// @param controls pieces that no text spells
  public ObjectNode of(List<String> pieces, List<String> controls) {
    ObjectNode root = MAPPER.createObjectNode().put("version", "1.0");
    ArrayNode added = root.putArray("added_tokens");
    ObjectNode model = root.putObject("model").put("type", "WordPiece").put("unk_token", unknown);
    model.put("continuing_subword_prefix", CONTINUED).put("max_input_chars_per_word", LONGEST_WORD);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < pieces.size(); id++) {
      vocabulary.put(pieces.get(id), id);
      if (controls.contains(pieces.get(id))) {
        added
            .addObject()
            .put("id", id)
            .put("content", pieces.get(id))
            .put("special", true)
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false);
      }
    }
    root.putObject("normalizer")
        .put("type", "BertNormalizer")
        .put("clean_text", true)
        .put("handle_chinese_chars", cutsIdeographs)
        .put("strip_accents", stripAccents)
        .put("lowercase", lowerCase);
    root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    root.putObject("decoder")
        .put("type", "WordPiece")
        .put("prefix", CONTINUED)
        .put("cleanup", true);
    putMarks(root.putObject("post_processor"), vocabulary);
    return root;
  }

  private void putMarks(ObjectNode processor, ObjectNode vocabulary) {
    processor.put("type", "BertProcessing");
    processor.putArray("sep").add(end).add(vocabulary.path(end).asInt());
    processor.putArray("cls").add(begin).add(vocabulary.path(begin).asInt());
  }
}
