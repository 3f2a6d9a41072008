package dev.lengthwise.report;

/// What one method reached at one length.
///
/// @param method the method as it is shown
/// @param length tokens in the window
/// @param perplexity perplexity of the last part of the window; infinite when it overflows
/// @param lossRatio loss of that part divided by the loss at the trained length
/// @param passkeyAccuracy share of passkeys found, 0 to 1; NaN when not measured
/// @param tokensPerSecond tokens read per second; NaN when not measured
public record ResultRow(
    String method,
    long length,
    double perplexity,
    double lossRatio,
    double passkeyAccuracy,
    double tokensPerSecond) {

  /// Checks the ranges.
  public ResultRow {
    if (length < 1) {
      throw new IllegalArgumentException(method + ": length " + length + " is not positive");
    }
    if (passkeyAccuracy < 0 || passkeyAccuracy > 1) {
      throw new IllegalArgumentException(
          method + ": passkey accuracy " + passkeyAccuracy + " is outside 0 to 1");
    }
  }
}
