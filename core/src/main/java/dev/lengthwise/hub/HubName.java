package dev.lengthwise.hub;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The name of a model of a hub: `organisation/name`, and the quantisation where one of its GGUF
/// files is meant.
///
/// @param id `organisation/name`
/// @param quantisation such as `Q4_K_M`; empty: the model as its folder has it
public record HubName(String id, Optional<String> quantisation) {

  private static final String PART = "\\w[\\w.-]*";
  private static final Pattern FORM =
      Pattern.compile("(" + PART + "/" + PART + ")(?::([\\w.-]+))?");

  /// Checks the form, which cannot lead out of a folder.
  public HubName {
    if (!FORM.matcher(id).matches() || id.contains(":") || id.contains("..")) {
      throw new IllegalArgumentException("a hub id is organisation/name, found '" + id + "'");
    }
  }

  /// The name that `text` has, where it has the form of one.
  public static Optional<HubName> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches() && !text.contains("..")
        ? Optional.of(new HubName(matcher.group(1), Optional.ofNullable(matcher.group(2))))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return id + quantisation.map(name -> ":" + name).orElse("");
  }
}
