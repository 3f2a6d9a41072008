package dev.lengthwise.task;

import java.util.ArrayList;
import java.util.List;

/// Neighbouring words of one kind, as tags `B-kind`, `I-kind` and `O` say it.
///
/// @param kind such as `PER`
/// @param first its first word
/// @param last its last word
public record Entity(String kind, int first, int last) {

  /// The tag of a word that is part of nothing.
  public static final String OUTSIDE = "O";

  private static final String BEGIN = "B-";
  private static final String INSIDE = "I-";

  /// The entities of tags. One begins with `B-`, and also with an `I-` that continues nothing or
  /// another kind; so count the programs conlleval and seqeval.
  public static List<Entity> of(List<String> tags) {
    List<Entity> all = new ArrayList<>();
    int first = -1;
    for (int word = 0; word <= tags.size(); word++) {
      String tag = word < tags.size() ? tags.get(word) : OUTSIDE;
      boolean goesOn =
          first >= 0 && !tag.startsWith(BEGIN) && kindOf(tag).equals(kindOf(tags.get(first)));
      if (first >= 0 && !goesOn) {
        all.add(new Entity(kindOf(tags.get(first)), first, word - 1));
        first = -1;
      }
      if (first < 0 && !tag.equals(OUTSIDE)) {
        first = word;
      }
    }
    return all;
  }

  private static String kindOf(String tag) {
    return tag.equals(OUTSIDE) ? "" : tag.substring(BEGIN.length());
  }

  /// Whether a tag is `O`, or begins with `B-` or `I-` and has a kind.
  static boolean isTag(String tag) {
    return tag.equals(OUTSIDE)
        || (tag.length() > BEGIN.length() && (tag.startsWith(BEGIN) || tag.startsWith(INSIDE)));
  }

  /// The tag of a word of an entity.
  static String tag(String kind, boolean begins) {
    return (begins ? BEGIN : INSIDE) + kind;
  }
}
