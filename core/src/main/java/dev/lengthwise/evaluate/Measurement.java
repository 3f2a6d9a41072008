package dev.lengthwise.evaluate;

/// One measured number.
///
/// @param metric what was measured, see [Metric]
/// @param length tokens of the text
/// @param depth place of the needle, NaN when there is none
/// @param value the number
/// @param count how many single observations it is the mean of
/// @param seconds time that it took
public record Measurement(
    Metric metric, int length, double depth, double value, long count, double seconds) {

  /// What a number says.
  public enum Metric {
    /// Mean loss of the last targets of a window, in nats.
    LOSS,
    /// Half width of the 95 % bootstrap interval of [#LOSS] over windows, in nats.
    LOSS_INTERVAL,
    /// Loss at one position, averaged over windows: `length` is the position.
    LOSS_AT_POSITION,
    /// Share of the targets of [#LOSS] that are the most likely tokens.
    ACCURACY,
    /// [#LOSS] in windows that repeat a text from beyond the shortest length.
    REPEATED_LOSS,
    /// [#ACCURACY] in windows that repeat a text from beyond the shortest length.
    REPEATED_ACCURACY,
    /// Mean loss of masked tokens, in nats, of a bidirectional model.
    MASKED_LOSS,
    /// Share of the targets of [#MASKED_LOSS] that are the most likely tokens.
    MASKED_ACCURACY,
    /// ROUGE-L of the words of a continuation and those that follow in truth, 0 to 1.
    CONTINUATION_ROUGE,
    /// ROUGE of single words, 0 to 1.
    CONTINUATION_ROUGE_1,
    /// ROUGE of pairs of words, 0 to 1.
    CONTINUATION_ROUGE_2,
    /// BLEU of continuations and the texts that follow in truth, 0 to 1.
    CONTINUATION_BLEU,
    /// chrF of continuations and the texts that follow in truth, 0 to 1.
    CONTINUATION_CHRF,
    /// Share of trials whose generated text has the key as its first integer.
    PASSKEY_FIRST_INTEGER,
    /// Share of trials whose generated text contains the key.
    PASSKEY_CONTAINED,
    /// Share of the key's tokens that are the most likely ones when the tokens before are given.
    PASSKEY_DIGITS,
    /// Share of generated questions that are answered exactly; `length` is that of the question.
    ANSWER_EXACT,
    /// Share of the tokens of answers that are the most likely ones when those before are given.
    ANSWER_TOKENS
  }
}
