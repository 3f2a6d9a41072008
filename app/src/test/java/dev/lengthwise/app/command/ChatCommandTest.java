package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.Run;
import dev.lengthwise.app.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A chat as a program drives it: lines on standard input.
class ChatCommandTest {

  private static final Pattern READ = Pattern.compile("\\[read (\\d+) of (\\d+) tokens");

  @TempDir private static Path folder;

  @BeforeAll
  static void write() throws IOException {
    TinyModel.writeChat(folder);
  }

  private static Run chat(String input, String... more) {
    List<String> line =
        new ArrayList<>(
            List.of("chat", "-m", folder.toString(), "-t", "1", "--temp", "0", "-n", "4"));
    line.addAll(List.of(more));
    return Run.withInput(input, line.toArray(String[]::new));
  }

  private static List<List<Integer>> read(Run run) {
    return READ.matcher(run.err())
        .results()
        .map((MatchResult m) -> List.of(Integer.valueOf(m.group(1)), Integer.valueOf(m.group(2))))
        .toList();
  }

  @Test
  void everyTurnReadsItsOwnTokensOnly() {
    Run run = chat("hello\nand now?\n");

    assertThat(run.status()).as(run.err()).isZero();
    List<List<Integer>> turns = read(run);
    // <|user|> hello <|end|> <|assistant|>, and then the answer's last token and its end before it
    assertThat(turns.get(0)).containsExactly(8, 8);
    int more = "and now?".length() + 3;
    assertThat(turns.get(1).get(0)).isBetween(more + 1, more + 2);
    assertThat(turns.get(1).get(1)).isGreaterThan(8 + more);
  }

  @Test
  void theMethodChangesInMidConversation() {
    Run run = chat("hello\n/method\n/method window:window=64\nagain\n");

    assertThat(run.out()).contains("rope").contains("window");
    List<List<Integer>> turns = read(run);
    assertThat(turns.get(1).get(0)).as("all is read again").isEqualTo(turns.get(1).get(1));
  }

  @Test
  void whatIsHeldIsSaid() {
    Run run = chat("hello\n/context\n", "--method", "lm-infinite:local=64,global=4");

    assertThat(run.out())
        .contains("method: lm-infinite")
        .contains("messages: 2, dropped: 0")
        .contains("layers 0 to 0: hold")
        .contains("can see the first 4 tokens and the last");
  }

  @Test
  void aConversationIsSavedLoadedAndBegunAnew() {
    String file = folder.resolve("saved.json").toString();
    Run first = chat("hello\n/save " + file + "\nagain\n");
    Run second = chat("/load " + file + "\nagain\n");
    Run third = chat("again\n", "--load", file);
    Run anew = chat("hello\n/reset\nhello\n");

    String again = lastAnswer(first);
    assertThat(lastAnswer(second)).isEqualTo(again);
    assertThat(lastAnswer(third)).isEqualTo(again);
    assertThat(read(anew).get(0)).isEqualTo(read(anew).get(1));
  }

  @Test
  void whatIsSavedWithItsKeysAndValuesIsNotReadAgain() {
    String file = folder.resolve("saved.state").toString();
    Run first = chat("hello\n/state " + file + "\nagain\n");
    Run second = chat("/load " + file + "\nagain\n");
    Run other = chat("again\n", "--load", file, "--method", "window:window=64");

    assertThat(lastAnswer(second)).isEqualTo(lastAnswer(first));
    assertThat(read(second)).isEqualTo(read(first).subList(1, 2));
    assertThat(other.status()).isEqualTo(1);
    assertThat(other.err()).contains("another position method");
  }

  // An answer of random bytes may have line ends of its own.
  private static String lastAnswer(Run run) {
    return run.out().substring(Math.max(0, run.out().length() - 4));
  }

  @Test
  void moreTokensThanTheLimitAreRefusedOrTheOldestTurnsGoAndThatIsSaid() {
    String turns = "one message\nanother one\na third one\n";
    Run refused = chat(turns, "--ctx-size", "40");
    Run dropped = chat(turns, "--ctx-size", "40", "--at-limit", "drop");

    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err()).contains("more than the limit of 40");
    assertThat(dropped.status()).as(dropped.err()).isZero();
    assertThat(dropped.err()).contains("The oldest 2 messages were dropped");
  }

  @Test
  void aLineThatIsNoCommandIsSaidAndTheChatGoesOn() {
    Run run = chat("/nosuch\n/save\n//slash\n/help\n/exit\nnever read\n");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .contains("There is no command '/nosuch', only [/method")
        .contains("/save needs the name of a file");
    assertThat(read(run)).hasSize(1);
    assertThat(run.out()).contains("/load FILE");
  }

  @Test
  void aBackslashGoesOnInTheNextLine() {
    assertThat(read(chat("a\\\nb\n", "--quiet"))).isEmpty();
    assertThat(read(chat("a\\\nb\n")).getFirst()).containsExactly(6, 6);
  }

  @Test
  void aModelWithoutATemplateSaysSoAtOnce(@TempDir Path other) throws IOException {
    Path model = TinyModel.writeChat(other);
    Files.delete(model.resolve("chat_template.jinja"));
    Run run = Run.withInput("hello\n", "chat", "-m", model.toString());

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("has no chat template;").contains("--chat-template");

    Run named =
        Run.withInput("hello\n", "chat", "-m", model.toString(), "--chat-template", "chatml");
    assertThat(named.status()).isEqualTo(1);
    assertThat(named.err()).contains("has no chat template 'chatml', and no other");
    assertThat(named.out()).isEmpty();
  }
}
