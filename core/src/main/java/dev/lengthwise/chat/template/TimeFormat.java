package dev.lengthwise.chat.template;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.Locale;

/// C's `strftime` in the language C, which `strftime_now` of chat templates is.
final class TimeFormat {

  private TimeFormat() {}

  /// The time of the clock in a form such as `%d %b %Y`.
  static Text format(Text format, Runtime runtime) {
    LocalDateTime now = LocalDateTime.now(runtime.clock());
    String string = format.string();
    Text.Builder out = new Text.Builder(runtime.budget());
    int at = 0;
    while (at < string.length()) {
      boolean place = string.charAt(at) == '%' && at + 1 < string.length();
      boolean unpadded = place && string.charAt(at + 1) == '-' && at + 2 < string.length();
      if (place) {
        String field = field(string.charAt(at + (unpadded ? 2 : 1)), now);
        out.own(unpadded ? field.replaceFirst("^[0 ]+(?=.)", "") : field);
        at += unpadded ? 3 : 2;
      } else {
        out.add(format, at, at + 1);
        at++;
      }
    }
    return out.build();
  }

  private static String field(char letter, LocalDateTime now) {
    return switch (letter) {
      case 'Y' -> pattern("uuuu", now);
      case 'y' -> pattern("uu", now);
      case 'C' -> "%02d".formatted(now.getYear() / 100);
      case 'G' -> String.valueOf(now.get(IsoFields.WEEK_BASED_YEAR));
      case 'V' -> "%02d".formatted(now.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'm' -> pattern("MM", now);
      case 'b', 'h' -> pattern("MMM", now);
      case 'B' -> pattern("MMMM", now);
      case 'd' -> pattern("dd", now);
      case 'e' -> "%2d".formatted(now.getDayOfMonth());
      case 'j' -> pattern("DDD", now);
      case 'a' -> pattern("EEE", now);
      case 'A' -> pattern("EEEE", now);
      case 'u' -> String.valueOf(now.getDayOfWeek().getValue());
      case 'w' -> String.valueOf(now.getDayOfWeek().getValue() % 7);
      case 'U' -> week(now, now.getDayOfWeek().getValue() % 7);
      case 'W' -> week(now, now.getDayOfWeek().getValue() - 1);
      case 'H' -> pattern("HH", now);
      case 'k' -> "%2d".formatted(now.getHour());
      case 'I' -> pattern("hh", now);
      case 'l' -> "%2d".formatted((now.getHour() + 11) % 12 + 1);
      case 'p' -> pattern("a", now);
      case 'P' -> pattern("a", now).toLowerCase(Locale.ROOT);
      case 'M' -> pattern("mm", now);
      case 'S' -> pattern("ss", now);
      case 'f' -> "%06d".formatted(now.get(ChronoField.MICRO_OF_SECOND));
      case 'D', 'x' -> pattern("MM/dd/uu", now);
      case 'F' -> pattern("uuuu-MM-dd", now);
      case 'T', 'X' -> pattern("HH:mm:ss", now);
      case 'R' -> pattern("HH:mm", now);
      case 'r' -> pattern("hh:mm:ss a", now);
      case 'c' -> pattern("EEE MMM ", now) + field('e', now) + pattern(" HH:mm:ss uuuu", now);
      case 'n' -> "\n";
      case 't' -> "\t";
      case '%' -> "%";
      // the time has no zone, as in Python
      case 'z', 'Z' -> "";
      default -> "%" + letter;
    };
  }

  // The number of the week, whose first day is `daysSince` ago.
  private static String week(LocalDateTime now, int daysSince) {
    long day = ChronoUnit.DAYS.between(now.toLocalDate().withDayOfYear(1), now.toLocalDate());
    return "%02d".formatted((day + 7 - daysSince) / 7);
  }

  private static String pattern(String pattern, LocalDateTime time) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time);
  }
}
