package dev.lengthwise.server;

import dev.lengthwise.batch.TextEvent;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.generate.TokenLogprob;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One of the texts of an answer, as far as it has come.
final class Choice {

  private final int index;
  private final Prompt prompt;
  private final StringBuilder text = new StringBuilder();
  private final List<TokenLogprob> promptScores = new ArrayList<>();
  private final List<TokenLogprob> scores = new ArrayList<>();
  private int echoed;
  private double promptSeconds;
  private int shared;
  private @Nullable GenerationResult result;

  Choice(int index, Prompt prompt) {
    this.index = index;
    this.prompt = prompt;
  }

  /// Says that the answer begins with some characters of the prompt.
  void echo(int characters) {
    echoed = characters;
  }

  /// Characters of the answer so far, those of the prompt included.
  int length() {
    return echoed + text.length();
  }

  void add(TextEvent.PromptRead read) {
    promptScores.addAll(read.scores());
    promptSeconds = read.seconds();
    shared = read.shared();
  }

  void add(TextEvent.Token token) {
    text.append(token.text());
    token.score().ifPresent(scores::add);
  }

  void add(TextEvent.Ended ended) {
    text.append(ended.rest());
    ended.end().ifPresent(scores::add);
    result = ended.result();
  }

  int index() {
    return index;
  }

  Prompt prompt() {
    return prompt;
  }

  /// What was generated.
  String text() {
    return text.toString();
  }

  /// Of the tokens of the prompt, from the second on.
  List<TokenLogprob> promptScores() {
    return promptScores;
  }

  /// Of the tokens that were drawn, and of that which ended the text.
  List<TokenLogprob> scores() {
    return scores;
  }

  /// Tokens of the prompt that were read for another text.
  int shared() {
    return shared;
  }

  double promptSeconds() {
    return promptSeconds;
  }

  /// How it ended; `null` before.
  @Nullable GenerationResult result() {
    return result;
  }

  boolean hasEnded() {
    return result != null;
  }

  /// As clients say it.
  String finishReason() {
    return result != null && result.reason() == GenerationResult.Reason.LENGTH ? "length" : "stop";
  }
}
