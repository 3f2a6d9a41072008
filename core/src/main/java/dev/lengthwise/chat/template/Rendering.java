package dev.lengthwise.chat.template;

import java.util.List;

/// What a template made of a conversation.
///
/// @param text the whole text
/// @param outside the runs of characters that came from outside, rising and apart
public record Rendering(String text, List<Run> outside) {

  /// Makes the list unmodifiable.
  public Rendering {
    outside = List.copyOf(outside);
  }

  /// A run of characters of the text.
  ///
  /// @param begin its first place, in chars
  /// @param end the place after its last
  public record Run(int begin, int end) {}

  /// The part from `begin` on.
  public Rendering from(int begin) {
    return new Rendering(
        text.substring(begin),
        outside.stream()
            .filter(run -> run.end() > begin)
            .map(run -> new Run(Math.max(0, run.begin() - begin), run.end() - begin))
            .toList());
  }

  /// Whether this begins with all of another rendering, of the same origin character by character.
  public boolean startsWith(Rendering other) {
    int length = other.text.length();
    return text.startsWith(other.text)
        && outside.stream()
            .filter(run -> run.begin() < length)
            .map(run -> new Run(run.begin(), Math.min(length, run.end())))
            .toList()
            .equals(other.outside);
  }

  /// Whether every character of a part came from the template.
  public boolean isOwn(int begin, int end) {
    int low = 0;
    int high = outside.size();
    while (low < high) {
      int middle = (low + high) / 2;
      if (outside.get(middle).end() > begin) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low == outside.size() || outside.get(low).begin() >= end;
  }
}
