package dev.lengthwise.position;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/// The block of a header that names a method: `kerple:kind=log` is `{"method": "kerple", "kind":
/// "log"}`; methods that are joined with `+` stay one text.
public final class MethodBlock {

  private static final Pattern JOINED = Pattern.compile("\\+[A-Za-z]");
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?(E-?\\d+)?");

  private MethodBlock() {}

  /// The entries of the block.
  ///
  /// @param name what [PositionMethod#name] gives
  public static Map<String, Object> of(String name) {
    Map<String, Object> block = new LinkedHashMap<>();
    int colon = name.indexOf(':');
    if (colon < 0 || JOINED.matcher(name).find()) {
      block.put("method", name);
      return block;
    }
    block.put("method", name.substring(0, colon));
    for (String pair : name.substring(colon + 1).split(",", -1)) {
      int equals = pair.indexOf('=');
      String value = pair.substring(equals + 1);
      block.put(
          pair.substring(0, equals),
          NUMBER.matcher(value).matches() ? new BigDecimal(value) : value);
    }
    return block;
  }
}
