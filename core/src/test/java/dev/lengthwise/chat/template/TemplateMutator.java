package dev.lengthwise.chat.template;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Changes templates as careless or hostile authors do: tags are moved, doubled, dropped and
/// nested, filters and expressions are exchanged. Most of what comes out still parses.
///
/// @param random makes every choice
public record TemplateMutator(SplittableRandom random) {

  private static final Pattern TAG = Pattern.compile("(?s)\\{\\{.*?}}|\\{%.*?%}");
  private static final Pattern FILTER = Pattern.compile("\\|\\s*\\w+(\\([^()]*\\))?");
  private static final Pattern ACCESS = Pattern.compile("\\[[^\\[\\]{}%]*]|\\.\\w+(\\([^()]*\\))?");
  private static final Pattern LITERAL = Pattern.compile("'[^'\\n]*'|\"[^\"\\n]*\"|\\b\\d+\\b");

  private static final List<String> FILTERS =
      List.of(
          "|batch(99999, 'x')|list",
          "|center(99999999)",
          "|default(messages)",
          "|dictsort",
          "|format(messages)",
          "|groupby('role')",
          "|indent(99999)",
          "|int",
          "|items",
          "|join(messages|tojson)",
          "|length",
          "|list",
          "|map('list')|list",
          "|map('tojson')|join",
          "|reject('none')|list",
          "|replace('', 'xx')",
          "|reverse",
          "|round(400)",
          "|selectattr('role', 'in', messages)|list",
          "|slice(99999)|list",
          "|sort",
          "|sum(start=[])",
          "|tojson(indent=9999)",
          "|trim",
          "|truncate(-1)",
          "|unique|list",
          "|urlencode",
          "|wordcount");

  private static final List<String> ACCESSES =
      List.of(
          "[0]",
          "[-1]",
          "[::-1]",
          "[1:99999999999]",
          "[::0]",
          "['role']",
          ".content",
          ".items()",
          ".split('')",
          ".replace('', messages|string)",
          ".format(messages)",
          ".join(messages)",
          ".zfill(999999999)",
          ".__class__");

  private static final List<String> VALUES =
      List.of(
          "messages",
          "none",
          "-1",
          "1e308",
          "99999999999999999999",
          "'%99999999d'",
          "'{:>99999999}'",
          "'{0.__class__}'",
          "[messages] * 9999",
          "range(99999)",
          "loop",
          "namespace(a=messages)",
          "'\\U0010FFFF'");

  /// Around a part of a template: what comes before it and what comes after.
  private record Frame(String before, String after) {}

  private static final List<Frame> FRAMES =
      List.of(
          new Frame("{% for a in range(99999) %}", "{% endfor %}"),
          new Frame("{% for b in messages %}{% for c in b.content %}", "{% endfor %}{% endfor %}"),
          new Frame("{% for d in messages recursive %}{{ loop(messages) }}", "{% endfor %}"),
          new Frame("{% macro f(x) %}{{ f(x) }}", "{% endmacro %}{{ f(1) }}"),
          new Frame("{% macro g(x) %}", "{% endmacro %}{{ g(g(g(1))) }}"),
          new Frame(
              "{% set s = 'xy' %}{% for e in range(99) %}{% set s = s ~ s %}", "{% endfor %}"),
          new Frame(
              "{% set n = namespace(s=messages) %}{% for h in range(99) %}{% set n.s = n.s + n.s"
                  + " %}",
              "{% endfor %}"),
          new Frame("{% set t %}", "{% endset %}{{ t ~ t }}{{ t * 999 }}"),
          new Frame("{% filter upper %}", "{% endfilter %}"),
          new Frame("{% if messages %}", "{% endif %}"),
          new Frame("{% raw %}", "{% endraw %}"),
          new Frame("{# ", " #}"));

  /// The template with one to four changes.
  ///
  /// @param others where foreign tags come from
  public String mutate(String template, List<String> others) {
    String changed = template;
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      changed =
          switch (random.nextInt(8)) {
            case 0 -> exchanged(changed, FILTER, FILTERS);
            case 1 -> exchanged(changed, ACCESS, ACCESSES);
            case 2 -> exchanged(changed, LITERAL, VALUES);
            case 3 -> framed(changed);
            case 4 -> moved(changed);
            case 5 -> exchanged(changed, TAG, tags(one(others)));
            case 6 ->
                exchanged(changed, TAG, List.of("", "{{ " + one(VALUES) + one(FILTERS) + " }}"));
            default -> doubled(changed);
          };
    }
    return changed;
  }

  private String exchanged(String template, Pattern what, List<String> with) {
    List<MatchResult> found = what.matcher(template).results().toList();
    if (found.isEmpty() || with.isEmpty()) {
      return template;
    }
    MatchResult place = one(found);
    return template.substring(0, place.start()) + one(with) + template.substring(place.end());
  }

  // What a frame holds goes from one tag to another, so that blocks often stay whole.
  private String framed(String template) {
    List<MatchResult> found = TAG.matcher(template).results().toList();
    if (found.isEmpty()) {
      return template;
    }
    int first = random.nextInt(found.size());
    int last = first + random.nextInt(found.size() - first);
    Frame frame = one(FRAMES);
    int end = found.get(last).end();
    return template.substring(0, found.get(first).start())
        + frame.before()
        + template.substring(found.get(first).start(), end)
        + frame.after()
        + template.substring(end);
  }

  private String moved(String template) {
    List<String> parts = new ArrayList<>(tags(template));
    return parts.isEmpty() ? template : exchanged(template, TAG, List.of(one(parts)));
  }

  private String doubled(String template) {
    List<MatchResult> found = TAG.matcher(template).results().toList();
    if (found.isEmpty()) {
      return template;
    }
    MatchResult place = one(found);
    return template.substring(0, place.end())
        + place.group().repeat(1 + random.nextInt(3))
        + template.substring(place.end());
  }

  private static List<String> tags(String template) {
    return TAG.matcher(template).results().map(MatchResult::group).toList();
  }

  private <T> T one(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
