package dev.lengthwise.encode;

import java.util.ArrayList;
import java.util.List;

/// The records of comma-separated values: fields in double quotes may hold commas, ends of lines
/// and, doubled, quotes (RFC 4180).
final class CsvRecords {

  private CsvRecords() {}

  /// A record.
  ///
  /// @param line that it begins on, from 1
  /// @param fields as they are without their quotes
  record Csv(int line, List<String> fields) {

    /// Copies the list.
    Csv {
      fields = List.copyOf(fields);
    }

    boolean isBlank() {
      return fields.size() == 1 && fields.getFirst().isBlank();
    }
  }

  /// The records of a text; a quote that is not closed ends with it.
  static List<Csv> of(String text) {
    List<Csv> records = new ArrayList<>();
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    int line = 1;
    int begin = 1;
    String all = text.endsWith("\n") ? text : text + "\n";
    for (int at = 0; at < all.length(); at++) {
      char character = all.charAt(at);
      line += character == '\n' ? 1 : 0;
      if (character == '"' && quoted && all.charAt(at + 1) == '"') {
        field.append(character);
        at++;
      } else if (character == '"' && (quoted || field.isEmpty())) {
        quoted = !quoted;
      } else if (quoted || (character != ',' && character != '\n')) {
        field.append(character);
      } else {
        fields.add(field.toString().replaceFirst("\r$", ""));
        field.setLength(0);
        if (character == '\n') {
          records.add(new Csv(begin, fields));
          fields.clear();
          begin = line;
        }
      }
    }
    if (quoted) {
      fields.add(field.toString().stripTrailing());
      records.add(new Csv(begin, fields));
    }
    return records;
  }
}
