package dev.lengthwise.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
              "glob:{README.md,CONTRIBUTING.md,docs/*.md,experiments/*/README.md,models/*/README.md}");
  private static final String PROGRAM = "./lengthwise";

  // A whole block with fences, or indented lines one after another.
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```.*?^```$|(?:^ {4}[^\\n]*\\n)+");
  private static final Pattern COMMAND =
      Pattern.compile("(?m)" + Pattern.quote(PROGRAM) + "\\b((?:\\\\\\n|.)*)$");

  // A quoted word, a plain one, or what the shell takes for itself to the end of the line.
  private static final Pattern WORD =
      Pattern.compile("'[^']*'|\"[^\"]*\"|[^\\s'\"|<>&;#\\\\][^\\s'\"|<>&;\\\\]*|[|<>&;#].*");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(?:#[^)\\s]*)?\\)");
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
