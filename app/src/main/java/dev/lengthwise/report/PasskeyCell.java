package dev.lengthwise.report;

/// Passkey accuracy of one method at one length and depth.
///
/// @param method the method as it is shown
/// @param length tokens of the prompt
/// @param depth where the key stands: 0 is the start of the prompt, 1 its end
/// @param accuracy share of the trials that found the key, 0 to 1
/// @param trials number of trials
public record PasskeyCell(String method, long length, double depth, double accuracy, int trials) {

  /// Checks the ranges.
  public PasskeyCell {
    if (length < 1 || trials < 1) {
      throw new IllegalArgumentException(
          method + ": length " + length + " and trials " + trials + " must be positive");
    }
    if (!(depth >= 0 && depth <= 1 && accuracy >= 0 && accuracy <= 1)) {
      throw new IllegalArgumentException(
          method + ": depth " + depth + " and accuracy " + accuracy + " must be 0 to 1");
    }
  }
}
