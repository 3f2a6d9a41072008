package dev.lengthwise.tokenizer;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;

/// Every id's bytes and the ids with a role.
///
/// @param bytes what each id adds to decoded text; never changed
/// @param controls ids of control tokens and of the unknown token by name
/// @param marks the begin and the end of a text
/// @param spaces what encoding and decoding do to spaces
/// @param name for reports
/// @param sha256 of the source, computed when asked for, while the file is open: that reads all of
/// it
public record Vocabulary(
    List<byte[]> bytes,
    Map<String, Integer> controls,
    Marks marks,
    Spaces spaces,
    String name,
    Supplier<String> sha256) {

  /// Copies list and map.
  public Vocabulary {
    bytes = List.copyOf(bytes);
    controls = Map.copyOf(controls);
  }

  /// What encoding and decoding do to spaces.
  ///
  /// @param addsLeading whether encoding puts one before the text
  /// @param cleaned whether decoding takes away those before punctuation ([SpaceCleaner])
  public record Spaces(boolean addsLeading, boolean cleaned) {

    /// Decoded text stays as it is.
    public static Spaces leading(boolean adds) {
      return new Spaces(adds, false);
    }
  }

  /// The begin and the end of a text.
  ///
  /// @param begin id of the begin of a text
  /// @param end id of the end of a text
  /// @param addsBegin whether prompts start with `begin`
  /// @param addsEnd whether whole texts end with `end`
  public record Marks(OptionalInt begin, OptionalInt end, boolean addsBegin, boolean addsEnd) {

    /// What is added must exist.
    public Marks {
      if ((addsBegin && begin.isEmpty()) || (addsEnd && end.isEmpty())) {
        throw new IllegalArgumentException("a mark that is added needs an id");
      }
    }
  }
}
