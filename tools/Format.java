import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Runs google-java-format over every Java file of the project, under the JDK that runs this file.
///
/// Usage: `java Format.java (check | apply) google-java-format-all-deps.jar PROJECT_FOLDER`
final class Format {
  private static final List<String> PACKAGES =
      List.of("api", "code", "file", "parser", "tree", "util");

  // A line of "//" between two of "///", or a line of one word between two.
  private static final List<Pattern> BROKEN =
      Stream.of(
              "^ *///.*\\R( *//(?!/).*\\R) *///",
              "^ *(?:///?) .*\\R( *(?:///?) \\p{L}+\\R) *(?:///?) \\p{L}")
          .map(pattern -> Pattern.compile(pattern, Pattern.MULTILINE))
          .toList();

  public static void main(String[] arguments) throws IOException, InterruptedException {
    boolean check = arguments[0].equals("check");
    Path root = Path.of(arguments[2]);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String name : PACKAGES) {
      command.add("--add-exports=jdk.compiler/com.sun.tools.javac." + name + "=ALL-UNNAMED");
    }
    command.addAll(List.of("-jar", arguments[1]));
    command.addAll(check ? List.of("--dry-run", "--set-exit-if-changed") : List.of("--replace"));
    List<Path> sources = sources(root);
    sources.stream().map(Path::toString).forEach(command::add);
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (check && status != 0) {
      System.err.println(
          "The files named above are not formatted: run  mvn -N validate exec:exec@format  and"
              + " commit.");
    }
    System.exit(check && areBroken(sources) ? 1 : status);
  }

  private static List<Path> sources(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !root.relativize(file).toString().contains("target"))
          .sorted()
          .toList();
    }
  }

  // The formatter puts the end of a line that is too long into a line of its own, and makes a plain
  // comment of it.
  private static boolean areBroken(List<Path> sources) throws IOException {
    boolean broken = false;
    for (Path source : sources) {
      String text = Files.readString(source);
      for (Pattern pattern : BROKEN) {
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
          System.err.printf(
              "%s: wrap this comment anew:%s%n", source, matcher.group(1).stripTrailing());
          broken = true;
        }
      }
    }
    return broken;
  }
}
