package dev.lengthwise.app.options;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/// The version and commit that this was built from.
public final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {line()};
  }

  /// What `--version` prints.
  public static String line() {
    return "lengthwise " + version() + " (" + commit() + ")";
  }

  /// Version of the Maven project.
  public static String version() {
    return property("version");
  }

  /// Abbreviated commit, or `unknown` where it was built outside a repository.
  public static String commit() {
    return property("commit");
  }

  private static String property(String key) {
    Properties properties = new Properties();
    try (InputStream stream = Version.class.getResourceAsStream("/lengthwise.properties")) {
      if (stream != null) {
        properties.load(stream);
      }
    } catch (IOException e) {
      return "unknown";
    }
    return properties.getProperty(key, "unknown");
  }
}
