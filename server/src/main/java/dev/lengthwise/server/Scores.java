package dev.lengthwise.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.generate.TokenLogprob;
import java.util.List;

/// Log-probabilities as the two kinds of requests write them.
final class Scores {

  private final ServedModel model;

  Scores(ServedModel model) {
    this.model = model;
  }

  /// `logprobs` of a completion: five lists of equal length, of which OpenAI has four.
  ///
  /// @param first the first token of an echoed prompt, which nothing precedes; empty for none
  /// @param offset of the first token in the text
  ObjectNode lists(int[] first, List<TokenLogprob> scores, int offset) {
    ArrayNode tokens = Json.array();
    ArrayNode values = Json.array();
    ArrayNode entropies = Json.array();
    ArrayNode tops = Json.array();
    ArrayNode offsets = Json.array();
    int at = offset;
    for (int id : first) {
      tokens.add(model.piece(id));
      values.addNull();
      entropies.addNull();
      tops.addNull();
      offsets.add(at);
      at += length(id);
    }
    for (TokenLogprob score : scores) {
      tokens.add(model.piece(score.id()));
      values.add(score.logprob());
      entropies.add(score.entropy());
      tops.add(top(score));
      offsets.add(at);
      at += length(score.id());
    }
    ObjectNode lists = Json.object();
    lists.set("tokens", tokens);
    lists.set("token_logprobs", values);
    lists.set("token_entropies", entropies);
    lists.set("top_logprobs", tops);
    lists.set("text_offset", offsets);
    return lists;
  }

  // Control tokens are no part of a text, whatever their names.
  private int length(int id) {
    return model.isControl(id) ? 0 : model.piece(id).length();
  }

  // Pieces that read the same are one key; the likelier stays. The token itself is always there.
  private ObjectNode top(TokenLogprob score) {
    ObjectNode top = Json.object();
    for (TokenLogprob.Candidate candidate : score.top()) {
      String piece = model.piece(candidate.id());
      if (!top.has(piece)) {
        top.put(piece, candidate.logprob());
      }
    }
    if (!top.has(model.piece(score.id()))) {
      top.put(model.piece(score.id()), score.logprob());
    }
    return top;
  }

  /// `logprobs` of a message.
  ObjectNode content(List<TokenLogprob> scores) {
    ArrayNode content = Json.array();
    for (TokenLogprob score : scores) {
      ObjectNode token = token(score.id(), score.logprob()).put("entropy", score.entropy());
      ArrayNode top = token.putArray("top_logprobs");
      score.top().forEach(one -> top.add(token(one.id(), one.logprob())));
      content.add(token);
    }
    ObjectNode scored = Json.object();
    scored.set("content", content);
    return scored;
  }

  private ObjectNode token(int id, double logProbability) {
    ObjectNode token = Json.object().put("token", model.piece(id)).put("logprob", logProbability);
    ArrayNode bytes = token.putArray("bytes");
    if (id < model.tokenizer().vocabularySize()) {
      for (byte b : model.tokenizer().bytes(id)) {
        bytes.add(b & 0xFF);
      }
    }
    return token;
  }
}
