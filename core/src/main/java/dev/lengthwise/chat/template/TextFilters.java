package dev.lengthwise.chat.template;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Filters that make a text of a text.
final class TextFilters {

  private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

  /// Added to the length that `truncate` lets pass.
  private static final int LEEWAY = 5;

  private TextFilters() {}

  /// The filter of that name, if it is one of these.
  static Filters.@Nullable Filter find(String name) {
    return switch (name) {
      case "upper" -> changed(TextCase::upper);
      case "lower" -> changed(TextCase::lower);
      case "title" ->
          (subject, arguments, runtime) ->
              changed(TextCase::titleOfWords)
                  .apply(Filters.text(subject, runtime).withSafety(false), arguments, runtime);
      case "capitalize" -> changed(TextCase::capitalized);
      case "escape", "e" ->
          (subject, arguments, runtime) -> Filters.text(subject, runtime).escaped(runtime.budget());
      case "forceescape" ->
          (subject, arguments, runtime) ->
              Filters.text(subject, runtime).newlyEscaped(runtime.budget());
      case "trim" -> TextFilters::trimmed;
      case "center" ->
          (subject, arguments, runtime) ->
              TextPadding.centred(
                  Filters.text(subject, runtime),
                  arguments.bind(name, 0, "width").whole(0, 80),
                  Text.own(" "),
                  runtime.budget());
      case "indent" -> TextFilters::indented;
      case "replace" -> TextFilters::replaced;
      case "format" -> TextFilters::formatted;
      case "truncate" -> TextFilters::truncated;
      case "striptags" -> TextFilters::withoutTags;
      case "wordcount" ->
          (subject, arguments, runtime) ->
              Value.Int.of(WORD.matcher(Filters.text(subject, runtime).string()).results().count());
      case "urlencode" -> TextFilters::urlEncoded;
      default -> null;
    };
  }

  private static Filters.Filter changed(UnaryOperator<String> change) {
    return (subject, arguments, runtime) -> {
      Text text = Filters.text(subject, runtime);
      runtime.budget().text(text.string().length());
      return text.changed(change);
    };
  }

  private static Value trimmed(Value subject, Arguments arguments, Runtime runtime) {
    Arguments.Bound bound = arguments.bind("trim", 0, "chars");
    Text text = Filters.text(subject, runtime);
    runtime.budget().text(text.string().length());
    return TextParts.strip(text, bound.has(0) ? bound.text(0) : null, true, true);
  }

  private static Value indented(Value subject, Arguments arguments, Runtime runtime) {
    Arguments.Bound bound = arguments.bind("indent", 0, "width", "first", "blank");
    Budget budget = runtime.budget();
    if (!(subject instanceof Text text)) {
      Comparison.requireDefined(subject);
      throw TemplateFailure.of("'indent' needs a text, found type %s", Types.name(subject));
    }
    Text indentation =
        bound.value(0) instanceof Text given
            ? given
            : TextPadding.padded(
                Text.EMPTY, Math.max(0, bound.whole(0, 4)), 0, Text.own(" "), budget);
    List<Value> lines =
        TextParts.lines(new Text.Builder(budget).add(text).own("\n").build(), false, budget);
    Text.Builder indented = new Text.Builder(budget);
    for (int i = 0; i < lines.size(); i++) {
      Text line = (Text) lines.get(i);
      boolean moves = i == 0 ? bound.flag(1, false) : bound.flag(2, false) || !line.isEmpty();
      indented.own(i == 0 ? "" : "\n").add(moves ? indentation : Text.EMPTY).add(line);
    }
    return indented.build().withSafety(text.isSafe());
  }

  private static Value replaced(Value subject, Arguments arguments, Runtime runtime) {
    Arguments.Bound bound = arguments.bind("replace", 2, "old", "new", "count");
    return TextParts.replace(
        Filters.text(subject, runtime),
        Filters.text(bound.value(0), runtime),
        Filters.text(bound.value(1), runtime),
        bound.whole(2, -1),
        runtime.budget());
  }

  private static Value formatted(Value subject, Arguments arguments, Runtime runtime) {
    boolean named = !arguments.named().isEmpty();
    if (named && !arguments.positional().isEmpty()) {
      throw new TemplateFailure("'format' takes values with names or without, not both");
    }
    return PercentFormat.apply(
        Filters.text(subject, runtime),
        named ? Dict.ofNamed(arguments.named()) : new Value.Tuple(arguments.positional()),
        runtime);
  }

  private static Value truncated(Value subject, Arguments arguments, Runtime runtime) {
    Arguments.Bound bound = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
    int length = bound.whole(0, 255);
    Text end = bound.text(2, "...");
    int size = Types.length(subject);
    if (length < end.size()) {
      throw TemplateFailure.of(
          "'truncate' needs a length of at least %d, found %d", end.size(), length);
    } else if (size <= (long) length + bound.whole(3, LEEWAY)) {
      return subject;
    }
    if (!(subject instanceof Text text)) {
      throw TemplateFailure.of("'truncate' needs a text, found type %s", Types.name(subject));
    }
    Text cut = text.cut(0, text.offset(length - end.size()));
    int blank = bound.flag(1, false) ? -1 : cut.string().lastIndexOf(' ');
    Text kept = blank < 0 ? cut : cut.cut(0, blank);
    return new Text.Builder(runtime.budget()).add(kept).add(end).build().withSafety(text.isSafe());
  }

  private static Value withoutTags(Value subject, Arguments arguments, Runtime runtime) {
    Text text = Filters.text(subject, runtime);
    runtime.budget().text(text.string().length());
    return text.withSafety(false)
        .changed(
            string ->
                without(without(string, "<!--", "-->"), "<", ">")
                    .strip()
                    .replaceAll("\\s+", " ")
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&#34;", "\"")
                    .replace("&#39;", "'")
                    .replace("&quot;", "\"")
                    .replace("&amp;", "&"));
  }

  // A text without all that begins and ends so.
  private static String without(String text, String begin, String end) {
    StringBuilder kept = new StringBuilder();
    int done = 0;
    int from = text.indexOf(begin);
    while (from >= 0) {
      int to = text.indexOf(end, from);
      if (to < 0) {
        break;
      }
      kept.append(text, done, from);
      done = to + end.length();
      from = text.indexOf(begin, done);
    }
    return kept.append(text, done, text.length()).toString();
  }

  private static Value urlEncoded(Value subject, Arguments arguments, Runtime runtime) {
    Budget budget = runtime.budget();
    if (subject instanceof Text || !Types.isIterable(subject)) {
      return quoted(Filters.text(subject, runtime), true, budget);
    }
    List<Value> pairs =
        subject instanceof Dict dict
            ? Types.elements(new Value.View(Value.View.Part.ITEMS, dict), budget)
            : Types.elements(subject, budget);
    List<Value> encoded = new ArrayList<>();
    for (Value pair : pairs) {
      List<Value> parts = Types.elements(pair, budget);
      if (parts.size() != 2) {
        throw new TemplateFailure("'urlencode' needs pairs of a name and a value");
      }
      Text.Builder joined = new Text.Builder(budget);
      joined.add(quoted(Filters.text(parts.getFirst(), runtime), false, budget)).own("=");
      joined.add(quoted(Filters.text(parts.getLast(), runtime), false, budget));
      encoded.add(joined.build());
    }
    Arguments parts = new Arguments(List.of(new Value.Listing(encoded)), Map.of());
    return TextMethods.join(Text.own("&"), parts, runtime);
  }

  private static Text quoted(Text text, boolean path, Budget budget) {
    budget.text(4L * text.string().length());
    String encoded = URLEncoder.encode(text.string(), StandardCharsets.UTF_8);
    String unreserved = encoded.replace("*", "%2A").replace("%7E", "~");
    String quoted = path ? unreserved.replace("+", "%20").replace("%2F", "/") : unreserved;
    return text.changed(string -> quoted);
  }
}
