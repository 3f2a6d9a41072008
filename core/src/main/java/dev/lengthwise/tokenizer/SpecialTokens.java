package dev.lengthwise.tokenizer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A tokenizer that knows the names of its control tokens inside texts, as chat templates write
/// them.
///
/// The text between two such names is tokenised as a text of its own: a tokenizer that puts a space
/// before texts does so after each of them, as llama.cpp does.
public final class SpecialTokens {

  private final Tokenizer tokenizer;
  private final Map<Integer, String> names = new HashMap<>();

  // The longest first, so that no name hides a longer one.
  private final List<String> byLength;
  private final Pattern special;

  /// The control tokens of `tokenizer`.
  public SpecialTokens(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    tokenizer.controlTokens().forEach((name, id) -> names.put(id, name));
    this.byLength =
        names.values().stream()
            .filter(name -> !name.isEmpty())
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
    String alternatives = byLength.stream().map(Pattern::quote).collect(Collectors.joining("|"));
    this.special = Pattern.compile(alternatives.isEmpty() ? "(?!)" : alternatives);
  }

  /// Whether a token is a control token, which has no text.
  public boolean isControl(int id) {
    return names.containsKey(id);
  }

  /// The ids of `text`; the name of a control token gives that token.
  public int[] encode(String text) {
    return encode(text, (begin, end) -> true);
  }

  /// Which parts of a text may be control tokens.
  @FunctionalInterface
  public interface Places {
    /// Whether the name from `begin` up to `end` is that token, and not ordinary text.
    boolean mayBeToken(int begin, int end);
  }

  /// The ids of `text`; the name of a control token gives that token at the given places only.
  public int[] encode(String text, Places places) {
    IntList ids = new IntList();
    Matcher matcher = special.matcher(text);
    int done = 0;
    int from = 0;
    while (from <= text.length() && matcher.find(from)) {
      int start = matcher.start();
      Optional<String> found = tokenAt(text, start, places);
      if (found.isPresent()) {
        encode(text.substring(done, start), ids);
        ids.add(tokenizer.controlTokens().getOrDefault(found.get(), -1));
        done = start + found.get().length();
        from = done;
      } else {
        from = start + 1; // another name may begin inside this one
      }
    }
    encode(text.substring(done), ids);
    return ids.toArray();
  }

  // Where a longer name may not be a token, one that it begins with still may.
  private Optional<String> tokenAt(String text, int start, Places places) {
    return byLength.stream()
        .filter(name -> text.startsWith(name, start))
        .filter(name -> places.mayBeToken(start, start + name.length()))
        .findFirst();
  }

  private void encode(String part, IntList ids) {
    if (!part.isEmpty()) {
      ids.addAll(tokenizer.encode(part));
    }
  }

  /// The text of `ids`, with the names of control tokens; what follows one is a text of its own.
  public String decode(int[] ids) {
    StreamingDecoder decoder = new StreamingDecoder(tokenizer);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      String name = names.get(id);
      text.append(name == null ? decoder.next(id) : decoder.flush() + name);
    }
    return text.append(decoder.flush()).toString();
  }

  /// One token to show: its text, the name of a control token, or the bytes of a part of a
  /// character as `<E6 9E>`.
  public String piece(int id) {
    byte[] bytes = tokenizer.bytes(id);
    String name = names.get(id);
    if (name != null) {
      return name;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return "<" + HexFormat.ofDelimiter(" ").withUpperCase().formatHex(bytes) + ">";
    }
  }
}
