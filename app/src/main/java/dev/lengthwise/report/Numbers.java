package dev.lengthwise.report;

import java.util.Locale;

/// How numbers look in a report: three digits where they matter, never a wall of them.
public final class Numbers {

  /// Shown where nothing was measured.
  public static final String MISSING = "–";

  private static final double LARGE = 1e6;

  private Numbers() {}

  /// `5.21`, `14.3`, `8,410`, `1.2e8`, `∞`.
  public static String significant(double value) {
    if (Double.isNaN(value)) {
      return MISSING;
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "-∞";
    }
    double size = Math.abs(value);
    if (size >= LARGE) {
      int exponent = (int) Math.floor(Math.log10(size));
      double mantissa = value / Math.pow(10, exponent);
      return Math.abs(mantissa) >= 9.95
          ? String.format(Locale.ROOT, "%.1fe%d", mantissa / 10, exponent + 1)
          : String.format(Locale.ROOT, "%.1fe%d", mantissa, exponent);
    }
    if (size >= 99.95) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return size >= 9.995
        ? String.format(Locale.ROOT, "%.1f", value)
        : String.format(Locale.ROOT, "%.2f", value);
  }

  /// A quotient: `1.04×`.
  static String ratio(double value) {
    return Double.isNaN(value) ? MISSING : significant(value) + "×";
  }

  /// A share of 0 to 1 in whole per cent: `98%`. Only a whole success reads 100%, and only a whole
  /// failure 0%.
  static String percent(double share) {
    if (Double.isNaN(share)) {
      return MISSING;
    }
    long whole = Math.round(share * 100);
    if (whole == 100 && share < 1) {
      return ">99%";
    }
    return whole == 0 && share > 0 ? "<1%" : whole + "%";
  }

  /// A count with separators: `4,096`.
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
