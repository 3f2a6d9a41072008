package dev.lengthwise.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the documentation tells readers to type is understood, and what it links to is there.
class DocumentationTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final PathMatcher DOCUMENTS =
      FileSystems.getDefault()
          .getPathMatcher(
              "glob:{README.md,ARCHITECTURE.md,CONTRIBUTING.md,docs/*.md,docs/decisions/*.md,"
                  + "experiments/*/README.md,models/*/README.md}");
  private static final String PROGRAM = "./lengthwise";

  // A whole block with fences, or indented lines one after another.
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```.*?^```$|(?:^ {4}[^\\n]*\\n)+");
  private static final Pattern COMMAND =
      Pattern.compile("(?m)" + Pattern.quote(PROGRAM) + "\\b((?:\\\\\\n|.)*)$");

  // A quoted word, a plain one, or what the shell takes for itself to the end of the line.
  private static final Pattern WORD =
      Pattern.compile("'[^']*'|\"[^\"]*\"|[^\\s'\"|<>&;#\\\\][^\\s'\"|<>&;\\\\]*|[|<>&;#].*");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(?:#[^)\\s]*)?\\)");

  // A type of at least two words, and what of it is named.
  private static final Pattern TYPE =
      Pattern.compile("`([A-Z][a-z]+(?:[A-Z][a-z]+)+)(?:[.#](\\w+))?(?:\\([^`]*\\))?`");
  private static final Pattern NAME = Pattern.compile("\\w+");
  private static final Pattern COMMENT = Pattern.compile("(?m)^ *//.*$");
  private static final Pattern OWN_FILE =
      Pattern.compile("(?:models|examples|experiments|docs|tools|core|app)/.*");

  static List<Path> documents() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT, 3)) {
      return files.map(ROOT::relativize).filter(DOCUMENTS::matches).sorted().toList();
    }
  }

  private static String text(Path document) throws IOException {
    return Files.readString(ROOT.resolve(document));
  }

  /// The words of every command in a block, without the program.
  private static List<String[]> commands(String text) {
    return BLOCK
        .matcher(text)
        .results()
        .flatMap(block -> COMMAND.matcher(block.group()).results())
        .map(command -> words(command.group(1)))
        .toList();
  }

  private static String[] words(String line) {
    List<String> words = new ArrayList<>();
    for (MatchResult found : WORD.matcher(line).results().toList()) {
      String word = found.group();
      if ("|<>&;#".indexOf(word.charAt(0)) >= 0) {
        break;
      }
      boolean quoted = "'\"".indexOf(word.charAt(0)) >= 0;
      words.add(quoted ? word.substring(1, word.length() - 1) : word);
    }
    words.remove("…"); // more of the like
    return words.toArray(String[]::new);
  }

  @Test
  void aCommandEndsWhereTheShellTakesOver() {
    String text =
        """
        Text, `./lengthwise no command`.

            cat x | ./lengthwise generate -p "Is it? " \\
              --grammar-text 'root ::= "yes" | "no"' -n 2    # a comment
            ./lengthwise methods --json >out 2>&1

        ```sh
        ./lengthwise embed … a#b
        ```
        """;
    assertThat(commands(text))
        .containsExactly(
            new String[] {
              "generate", "-p", "Is it? ", "--grammar-text", "root ::= \"yes\" | \"no\"", "-n", "2"
            },
            new String[] {"methods", "--json"},
            new String[] {"embed", "a#b"});
  }

  @Test
  void theReadmeHasManyCommands() throws IOException {
    assertThat(commands(text(Path.of("README.md")))).hasSizeGreaterThan(40);
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyCommandIsUnderstoodAndNamesFilesThatExist(Path document) throws IOException {
    for (String[] words : commands(text(document))) {
      assertThatCode(() -> Main.commandLine(Map.of(), words).parseArgs(words))
          .as(String.join(" ", words))
          .doesNotThrowAnyException();
      assertThat(Stream.of(words).filter(OWN_FILE.asMatchPredicate()).map(ROOT::resolve))
          .allSatisfy(file -> assertThat(file).exists());
    }
  }

  @Test
  void everyTypeThatIsNamedExists() throws IOException {
    Set<String> known = namesInSources();
    for (Path document : documents()) {
      TYPE.matcher(text(document))
          .results()
          .flatMap(found -> Stream.of(found.group(1), found.group(2)))
          .filter(Objects::nonNull)
          .forEach(name -> assertThat(known).as("%s of %s", name, document).contains(name));
    }
  }

  private static Set<String> namesInSources() throws IOException {
    Set<String> names = new HashSet<>();
    for (String module : List.of("core", "app", "server", "langchain4j", "bench")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          // Comments may tell of types that are no more.
          String code = COMMENT.matcher(Files.readString(file)).replaceAll("");
          NAME.matcher(code).results().forEach(name -> names.add(name.group()));
        }
      }
    }
    return names;
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyLinkedFileExists(Path document) throws IOException {
    List<String> linked =
        LINK.matcher(text(document))
            .results()
            .map(link -> link.group(1))
            .filter(link -> !link.contains("://") && !link.startsWith("mailto:"))
            .toList();
    assertThat(linked)
        .allSatisfy(link -> assertThat(ROOT.resolve(document).resolveSibling(link)).exists());
  }
}
