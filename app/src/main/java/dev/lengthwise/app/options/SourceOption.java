package dev.lengthwise.app.options;

import dev.lengthwise.text.GeneratedTexts;
import dev.lengthwise.train.data.DataSource;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One `--source SHARD=KIND:PLACE[,KEY=VALUE…]` of the command line.
///
/// @param shard name of the shard that gets the documents
/// @param source where they come from
public record SourceOption(String shard, DataSource source) {

  private static final Pattern FORM = Pattern.compile("([^=:]+)=([^:,]+):([^,]+)((?:,[^,]*)*)");
  private static final String EXPECTED =
      "expected SHARD=KIND:PLACE[,KEY=VALUE…] with KIND text, jsonl, jar or generated, such as"
          + " 'training=jsonl:corpus.jsonl.gz,field=text'";

  /// Reads the text of an option; a wrong one is wrong usage.
  public static SourceOption parse(String text) {
    Matcher parts = FORM.matcher(text);
    Usage.require(parts.matches(), "--source '" + text + "': " + EXPECTED);
    Values values = Values.of(text, parts.group(4));
    String place = parts.group(3);
    DataSource source =
        switch (parts.group(2)) {
          case "text" -> new DataSource.Text(Path.of(place));
          case "jsonl" -> new DataSource.JsonLines(Path.of(place), values.take("field", "text"));
          case "jar" -> new DataSource.Jar(Path.of(place));
          case "generated" -> generated(place, values);
          default -> throw new WrongUsageException("--source '" + text + "': " + EXPECTED);
        };
    values.requireEmpty();
    return new SourceOption(parts.group(1), source);
  }

  private static DataSource generated(String name, Values values) {
    GeneratedTexts usual = GeneratedTexts.usual(name, values.number("seed", 42));
    GeneratedTexts texts =
        new GeneratedTexts(
            name,
            (int) values.number("shortest", usual.shortest()),
            (int) values.number("longest", usual.longest()),
            usual.seed());
    return new DataSource.Generated(texts, (int) values.number("documents", 20_000));
  }

  /// The keys of an option with their values, which are taken out as they are understood.
  private record Values(String text, Map<String, String> left) {

    static Values of(String text, String list) {
      Map<String, String> values = new LinkedHashMap<>();
      for (String pair :
          list.isEmpty() ? List.<String>of() : List.of(list.substring(1).split(","))) {
        int equals = pair.indexOf('=');
        Usage.require(
            equals > 0, "--source '" + text + "': expected KEY=VALUE, found '" + pair + "'");
        values.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
      return new Values(text, values);
    }

    String take(String key, String otherwise) {
      String value = left.remove(key);
      return value == null ? otherwise : value;
    }

    long number(String key, long otherwise) {
      String value = take(key, Long.toString(otherwise));
      boolean seed = key.equals("seed");
      Usage.require(
          value.matches(seed ? "-?\\d{1,18}" : "[1-9]\\d{0,8}"),
          "--source '%s': expected a whole number%s for %s, found '%s'"
              .formatted(text, seed ? "" : " from 1 to 999999999", key, value));
      return Long.parseLong(value);
    }

    void requireEmpty() {
      Usage.require(
          left.isEmpty(),
          ("--source '%s' has the unknown key %s; known are field (jsonl), and documents, shortest,"
                  + " longest, seed (generated)")
              .formatted(text, left.keySet()));
    }
  }
}
