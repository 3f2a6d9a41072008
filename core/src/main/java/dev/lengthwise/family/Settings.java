package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// The settings of a header, read by type; a missing or odd value is an error that names key, place
/// and value. A `null` counts as missing.
///
/// @param values the header, or a block inside it
/// @param where names the header in messages
record Settings(ObjectNode values, String where) {

  /// Most layers of a model: far above any real one, and still quick to walk.
  static final long MOST_LAYERS = 4096;

  private static final long MOST = 1L << 31;

  /// The header of a checkpoint.
  static Settings of(Checkpoint checkpoint) {
    String what = checkpoint.format().equals("safetensors") ? "config.json of " : "the header of ";
    return new Settings(checkpoint.header(), what + checkpoint.path());
  }

  boolean has(String key) {
    return values.hasNonNull(key);
  }

  /// A required whole number from 1 to `most`.
  int sizeUpTo(String key, long most) {
    return Math.toIntExact(whole(key, most));
  }

  /// A required whole number from 1 on that fits an `int`.
  int size(String key) {
    return sizeUpTo(key, Integer.MAX_VALUE);
  }

  int sizeOr(String key, int fallback) {
    return has(key) ? size(key) : fallback;
  }

  /// A required number of tokens.
  long tokens(String key) {
    return whole(key, MOST);
  }

  long tokens(String key, long fallback) {
    return has(key) ? tokens(key) : fallback;
  }

  /// The id of a token.
  int tokenId(String key, int fallback) {
    JsonNode node = values.path(key);
    if (has(key)
        && (!node.isInt() || node.intValue() < 0 || node.intValue() == Integer.MAX_VALUE)) {
      throw bad(key, "the id of a token");
    }
    return has(key) ? node.intValue() : fallback;
  }

  double number(String key) {
    JsonNode node = values.path(key);
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw bad(key, "a finite number");
    }
    return node.doubleValue();
  }

  double number(String key, double fallback) {
    return has(key) ? number(key) : fallback;
  }

  OptionalDouble optionalNumber(String key) {
    return has(key) ? OptionalDouble.of(number(key)) : OptionalDouble.empty();
  }

  boolean flag(String key, boolean fallback) {
    if (has(key) && !values.path(key).isBoolean()) {
      throw bad(key, "true or false");
    }
    return has(key) ? values.path(key).booleanValue() : fallback;
  }

  Optional<String> text(String key) {
    if (has(key) && !values.path(key).isTextual()) {
      throw bad(key, "a text");
    }
    return Optional.ofNullable(values.path(key).textValue());
  }

  List<Double> numbers(String key) {
    List<Double> numbers = new ArrayList<>();
    for (JsonNode node : values.path(key)) {
      if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
        throw bad(key, "a list of finite numbers");
      }
      numbers.add(node.doubleValue());
    }
    if (numbers.isEmpty()) {
      throw bad(key, "a list of numbers");
    }
    return numbers;
  }

  /// The block under `key`, where there is one.
  Optional<Settings> block(String key) {
    if (!has(key)) {
      return Optional.empty();
    }
    if (values.path(key) instanceof ObjectNode block) {
      return Optional.of(new Settings(block, key + " in " + where));
    }
    throw bad(key, "an object");
  }

  /// Refuses every other value of `key` than `only`.
  void requireText(String key, String only) {
    if (has(key) && !only.equals(values.path(key).textValue())) {
      throw bad(key, "\"" + only + "\", the only one supported");
    }
  }

  LengthwiseException bad(String key, String expected) {
    JsonNode node = values.path(key);
    return new LengthwiseException(
        "Key \"%s\" of %s must be %s, found %s."
            .formatted(key, where, expected, node.isMissingNode() ? "nothing" : node));
  }

  private long whole(String key, long most) {
    JsonNode node = values.path(key);
    double value = node.isNumber() ? node.doubleValue() : 0;
    if (!(value >= 1 && value <= most) || value != Math.rint(value)) {
      throw bad(key, "a whole number from 1 to " + most);
    }
    return (long) value;
  }
}
