package dev.lengthwise.diagnose;

import dev.lengthwise.position.ScoreRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Sums over the rows of scores of one layer.
final class AttentionTally implements ScoreRows.Sink {

  private final ScoreRule rule;
  private final AttentionSummary.Zones zones;
  private final int heads;
  private final double[] scores; // sums by distance, like the next two
  private final double[] greatest;
  private final long[] pairs;
  private final double[] entropy; // sums over heads by position, like the rest
  private final double[] first;
  private final double[] recent;
  private final double[] beyond;

  AttentionTally(ScoreRule rule, AttentionSummary.Zones zones, int heads, int tokens) {
    this.rule = rule;
    this.zones = zones;
    this.heads = heads;
    this.scores = new double[tokens];
    this.greatest = new double[tokens];
    this.pairs = new long[tokens];
    this.entropy = new double[tokens];
    this.first = new double[tokens];
    this.recent = new double[tokens];
    this.beyond = new double[tokens];
    Arrays.fill(greatest, Double.NEGATIVE_INFINITY);
  }

  @Override
  public void accept(int head, int query, double[] row) {
    double most = Double.NEGATIVE_INFINITY;
    for (int key = 0; key <= query; key++) {
      if (row[key] != Double.NEGATIVE_INFINITY) {
        int distance = query - key;
        scores[distance] += row[key];
        greatest[distance] = Math.max(greatest[distance], row[key]);
        pairs[distance]++;
        most = Math.max(most, row[key]);
      }
    }
    double total = 0;
    if (rule.hasSinks()) {
      most = Math.max(most, rule.sink(head));
      total = Math.exp(rule.sink(head) - most);
    }
    for (int key = 0; key <= query; key++) {
      total += weight(row[key], most);
    }
    if (total > 0) {
      share(query, row, most, total);
    }
  }

  private void share(int query, double[] row, double most, double total) {
    for (int key = 0; key <= query; key++) {
      double share = weight(row[key], most) / total;
      if (share > 0) {
        entropy[query] -= share * Math.log(share);
      }
      if (key < zones.first()) {
        first[query] += share;
      } else if (query - key < zones.recent()) {
        recent[query] += share;
      } else if (query - key >= zones.trainedLength()) {
        beyond[query] += share;
      }
    }
  }

  // To a common factor of the row.
  private double weight(double score, double most) {
    return switch (rule.weighting()) {
      case SOFTMAX -> Math.exp(score - most);
      case SQUARED_RELU -> Math.max(0, score) * Math.max(0, score);
    };
  }

  /// The means of what has been taken.
  AttentionSummary summary(int layer, List<ScoreTerms> terms) {
    List<AttentionSummary.AtDistance> distances = new ArrayList<>();
    List<AttentionSummary.AtPosition> positions = new ArrayList<>();
    for (int at = 0; at < pairs.length; at++) {
      if (pairs[at] > 0) {
        distances.add(
            new AttentionSummary.AtDistance(at, scores[at] / pairs[at], greatest[at], pairs[at]));
      }
      positions.add(
          new AttentionSummary.AtPosition(
              at + 1,
              entropy[at] / heads,
              first[at] / heads,
              recent[at] / heads,
              beyond[at] / heads));
    }
    return new AttentionSummary(layer, distances, positions, terms);
  }
}
