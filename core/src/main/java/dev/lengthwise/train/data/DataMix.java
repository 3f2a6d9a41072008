package dev.lengthwise.train.data;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.text.GeneratedTexts;
import java.util.List;
import java.util.stream.Stream;

/// Which prepared data a run learns from, and what measures it.
///
/// @param training what windows are drawn from, by weight
/// @param validation what the loss is measured on
/// @param questions asked at every validation; may be empty
public record DataMix(List<Share> training, HeldOut validation, List<GeneratedTexts> questions) {

  /// Checks that there is something to learn from.
  public DataMix {
    training = List.copyOf(training);
    questions = List.copyOf(questions);
    if (training.isEmpty()) {
      throw new LengthwiseException(
          "Training setting \"data.training\": expected at least one shard, found none.");
    }
  }

  /// A part of the training windows.
  ///
  /// @param shard name of a shard
  /// @param windows how windows are cut
  /// @param weight relative to the other parts, above 0
  public record Share(String shard, Windows windows, double weight) {

    /// Checks the weight.
    public Share {
      if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
        throw new LengthwiseException(
            "Training setting \"data.training.weight\" of '%s': expected above 0, found %s."
                .formatted(shard, weight));
      }
    }
  }

  /// Text that is never trained on; windows are spread evenly over it.
  ///
  /// @param shard name of a shard
  /// @param windows how windows are cut
  public record HeldOut(String shard, Windows windows) {

    /// Checks the kind of windows.
    public HeldOut {
      if (windows == Windows.REPEATED) {
        throw new LengthwiseException(
            "Training setting \"data.validation.windows\": expected CROPS, DOCUMENT_STARTS or"
                + " WITHIN_DOCUMENTS, found REPEATED.");
      }
    }
  }

  /// The names of all shards, each once.
  List<String> shards() {
    return Stream.concat(training.stream().map(Share::shard), Stream.of(validation.shard()))
        .distinct()
        .toList();
  }

  /// The part that a number in `[0, 1)` falls into, parts being as wide as their weights.
  Share at(double number) {
    double left = number * training.stream().mapToDouble(Share::weight).sum();
    for (Share share : training) {
      left -= share.weight();
      if (left < 0) {
        return share;
      }
    }
    return training.getLast(); // rounding
  }
}
