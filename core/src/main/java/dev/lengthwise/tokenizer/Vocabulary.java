package dev.lengthwise.tokenizer;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;

/// Every id's bytes and the ids with a role.
///
/// @param bytes what each id adds to decoded text; never changed
/// @param controls ids of control tokens and of the unknown token by name
/// @param beginOfText id of the begin of a text
/// @param endOfText id of the end of a text
/// @param addsBeginOfText whether prompts start with `beginOfText`
/// @param addsLeadingSpace whether encoding puts a space before the text
/// @param name for reports
/// @param sha256 of the source, computed when asked for, while the file is open: that reads all of
/// it
public record Vocabulary(
    List<byte[]> bytes,
    Map<String, Integer> controls,
    OptionalInt beginOfText,
    OptionalInt endOfText,
    boolean addsBeginOfText,
    boolean addsLeadingSpace,
    String name,
    Supplier<String> sha256) {

  public Vocabulary {
    bytes = List.copyOf(bytes);
    controls = Map.copyOf(controls);
    if (addsBeginOfText && beginOfText.isEmpty()) {
      throw new IllegalArgumentException("addsBeginOfText needs an id for the begin of text");
    }
  }
}
