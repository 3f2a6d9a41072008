package dev.lengthwise.app.options;

import java.net.IDN;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads the origin of a page as browsers send it: `http://localhost:3000`, `*` for all, or `null`,
/// which pages of files send. Others than these would never match one.
public final class OriginConverter implements ITypeConverter<String> {

  private static final String LABEL = "[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?";
  private static final Pattern OF_THE_WEB =
      Pattern.compile(
          "(https?)://(?:%1$s(?:\\.%1$s)*|\\[[0-9a-f:.]+])(?::([1-9][0-9]{0,4}))?"
              .formatted(LABEL));

  /// Of extensions of browsers, and of programs with a browser inside.
  private static final Pattern OF_A_PROGRAM =
      Pattern.compile("(?:app|tauri|[a-z]+(?:-web)?-extension)://[A-Za-z0-9._-]+");

  private static final Pattern ALMOST =
      Pattern.compile("(https?)://([^/:?#\\s]+)(:[0-9]+)?(?:/\\S*)?", Pattern.CASE_INSENSITIVE);

  @Override
  public String convert(String text) {
    if (isOrigin(text)) {
      return text;
    }
    throw new TypeConversionException(
        "expected * or an origin as browsers send it, such as http://localhost:3000 (http or https,"
            + " a host in lower-case ASCII letters, no path, no slash at the end), found '"
            + text
            + "'"
            + meant(text).map(origin -> "; did you mean '" + origin + "'?").orElse(""));
  }

  private static boolean isOrigin(String text) {
    if (text.equals("*") || text.equals("null") || OF_A_PROGRAM.matcher(text).matches()) {
      return true;
    }
    Matcher web = OF_THE_WEB.matcher(text);
    return web.matches() && (web.group(2) == null || isSent(web.group(1), web.group(2)));
  }

  // Browsers leave the port of the scheme out.
  private static boolean isSent(String scheme, String port) {
    int number = Integer.parseInt(port);
    return number <= 65535 && number != (scheme.equals("http") ? 80 : 443);
  }

  private static Optional<String> meant(String text) {
    Matcher almost = ALMOST.matcher(text);
    if (!almost.matches()) {
      return Optional.empty();
    }
    try {
      String scheme = almost.group(1).toLowerCase(Locale.ROOT);
      String origin = scheme + "://" + IDN.toASCII(almost.group(2)).toLowerCase(Locale.ROOT);
      String port = almost.group(3);
      String ofScheme = scheme.equals("http") ? ":80" : ":443";
      return Optional.of(port == null || port.equals(ofScheme) ? origin : origin + port)
          .filter(OriginConverter::isOrigin);
    } catch (IllegalArgumentException _) { // no name of a host
      return Optional.empty();
    }
  }
}
