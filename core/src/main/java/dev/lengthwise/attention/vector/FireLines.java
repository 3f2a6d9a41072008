package dev.lengthwise.attention.vector;

import dev.lengthwise.position.FireBias;
import java.util.Arrays;

/// The network of a FIRE bias as what it is: one function of one number for each head, straight
/// between the places where a hidden channel switches. A number then costs a search among a few
/// places and one line, whatever the width.
final class FireLines {

  private static final double LOG2_E = 1 / Math.log(2);

  private final FireBias bias;
  private final double[] edges; // ascending: where a channel switches
  private final double[][] slopes; // [heads][edges + 1], in units of log 2
  private final double[][] starts; // of the shape of slopes: the values of the lines at 0

  FireLines(FireBias bias) {
    this.bias = bias;
    this.edges = edges(bias);
    this.slopes = new double[bias.heads()][edges.length + 1];
    this.starts = new double[bias.heads()][edges.length + 1];
    for (int piece = 0; piece <= edges.length; piece++) {
      addPiece(piece);
    }
  }

  private static double[] edges(FireBias bias) {
    double[] edges = new double[bias.width()];
    int count = 0;
    for (int channel = 0; channel < bias.width(); channel++) {
      double edge = -bias.hidden().biases().get(channel) / bias.hidden().weights().get(channel);
      if (Double.isFinite(edge)) {
        edges[count++] = edge;
      }
    }
    double[] sorted = Arrays.copyOf(edges, count);
    Arrays.sort(sorted);
    return sorted;
  }

  private void addPiece(int piece) {
    double inside = inside(piece);
    for (int head = 0; head < bias.heads(); head++) {
      double slope = 0;
      double start = bias.output().biases().get(head);
      for (int channel = 0; channel < bias.width(); channel++) {
        double weight = bias.hidden().weights().get(channel);
        double constant = bias.hidden().biases().get(channel);
        if (weight * inside + constant > 0) {
          double output = bias.output().weights().get(head * bias.width() + channel);
          slope += output * weight;
          start += output * constant;
        }
      }
      slopes[head][piece] = slope * LOG2_E;
      starts[head][piece] = start * LOG2_E;
    }
  }

  // A number inside a piece.
  private double inside(int piece) {
    if (edges.length == 0) {
      return 0;
    }
    if (piece == 0) {
      return edges[0] - 1;
    }
    return piece == edges.length ? edges[piece - 1] + 1 : (edges[piece - 1] + edges[piece]) / 2;
  }

  FireBias bias() {
    return bias;
  }

  /// The piece that `argument` lies in.
  int piece(double argument) {
    int found = Arrays.binarySearch(edges, argument);
    return found >= 0 ? found : -found - 1;
  }

  /// The bias of `head`, in units of `log 2`.
  float at(int head, int piece, double argument) {
    return (float) (slopes[head][piece] * argument + starts[head][piece]);
  }
}
