package dev.lengthwise.task;

/// The best part of a text over all of its windows: of first and last tokens within one window, not
/// further apart than the longest answer, those whose logits have the greatest sum.
///
/// Source: J. Devlin et al. 2018, "BERT", section 4.3; and 4.2 for no answer, which is the first
/// token of a window.
final class AnswerSearch {

  private final int longest;
  private double nothing = Double.POSITIVE_INFINITY;
  private double best = Double.NEGATIVE_INFINITY;
  private int first;
  private int last;

  /// @param longest tokens of an answer at most
  AnswerSearch(int longest) {
    this.longest = longest;
  }

  /// Looks into a window.
  ///
  /// @param logits of start and end, `[tokens][2]`
  void add(Passages.Window window, float[][] logits) {
    nothing = Math.min(nothing, (double) logits[0][0] + logits[0][1]);
    for (int start = 0; start < window.count(); start++) {
      double begin = logits[window.row() + start][0];
      int until = Math.min(window.count(), start + longest);
      for (int end = start; end < until; end++) {
        double score = begin + logits[window.row() + end][1];
        if (score > best) {
          best = score;
          first = window.first() + start;
          last = window.first() + end;
        }
      }
    }
  }

  /// What was found.
  ///
  /// @param context whose pieces the windows have
  TaskPrediction.OfAnswer found(String context, Passages passages) {
    if (passages.pieces().count() == 0) { // nothing that the tokenizer knows
      return new TaskPrediction.OfAnswer("", 0, nothing, nothing);
    }
    int start = passages.pieces().starts()[first];
    int end = Math.max(start, passages.pieces().ends()[last]);
    return new TaskPrediction.OfAnswer(context.substring(start, end), start, best, nothing);
  }
}
