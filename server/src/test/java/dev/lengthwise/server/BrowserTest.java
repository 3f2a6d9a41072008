package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/// The page in a real browser. Without Chromium and chromedriver on the machine nothing is tested.
@TestInstance(Lifecycle.PER_CLASS)
class BrowserTest {

  private static final String ANSWERED = "wrote";
  private static final String LONG = "words and more of them ".repeat(8); // 184 tokens: bytes

  private static final String OVERHANG =
      "return document.documentElement.scrollWidth - document.documentElement.clientWidth";

  private Browser browser;
  private TinyServer server;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException, InterruptedException {
    browser = BrowserStart.start();
    Path report = folder.resolve("results/compare/report.html");
    Files.createDirectories(report.getParent());
    Files.writeString(
        report,
        "<p>A report</p><script>document.body.append(document.createElementNS("
            + "'http://www.w3.org/2000/svg', 'svg'))</script>");
    server = TinyServer.start(folder);
  }

  @AfterAll
  void stop() {
    if (browser != null) {
      browser.close();
      server.close();
    }
  }

  @BeforeEach
  void openPage() {
    browser.screen(0);
    browser.prefer("light");
    open("#tokens=30");
  }

  private void open(String settings) {
    browser.open("http://127.0.0.1:%d/%s".formatted(server.port(), settings));
  }

  private void send(String text) {
    browser.find("#prompt").click();
    browser.insert(text);
    browser.press(Keys.ENTER);
  }

  private void awaitAnswer() {
    browser.waitFor("#stop", stop -> !stop.isEnabled());
    assertThat(browser.all(".answers:last-child .facts"))
        .allMatch(facts -> facts.getText().contains(ANSWERED));
  }

  private String strip(int number) {
    WebElement bar = browser.all(".strip").get(number).findElement(By.className("bar"));
    return String.valueOf(bar.getDomAttribute("aria-label"));
  }

  private void watchRequests() {
    browser.run(
        "const old = fetch; fetch = (path, all) =>"
            + " { if (all?.body) window.asked = all.body; return old(path, all); }");
  }

  /// The body of the last request since they are watched.
  private JsonNode asked() {
    return TinyServer.json(browser.run("return window.asked"));
  }

  @Test
  void loadsFromTheServerAloneAndComplainsAboutNothing() {
    send("Hello");
    awaitAnswer();
    browser.waitFor("#chart svg", _ -> true); // ECharts draws under the policy

    assertThat(browser.complaints()).isEmpty();
    Object elsewhere =
        browser.run(
            "return performance.getEntriesByType('resource').map(e => e.name)"
                + ".filter(name => !name.startsWith(location.origin)).join()");
    assertThat(elsewhere).isEqualTo("");
  }

  @Test
  void answersAppearPieceByPiece() {
    browser.run(
        "window.pieces = 0; new MutationObserver(() => window.pieces++)"
            + ".observe(document.getElementById('log'), {subtree: true, childList: true});");
    send("Hello");
    awaitAnswer();

    assertThat(browser.find("article.user p").getText()).isEqualTo("Hello");
    assertThat(browser.find("article.model p").getText()).isNotEmpty();
    assertThat(Integer.parseInt(browser.run("return window.pieces"))).isGreaterThan(5);
  }

  @Test
  void escapeStopsAnAnswer() {
    browser.fill("#tokens", "500");
    boolean stopped = false;
    for (int answers = 1; !stopped; answers++) {
      assertThat(answers).as("answers that the model ended by itself").isLessThan(5);
      browser.find("#prompt").sendKeys("Hello");
      new Actions(browser.driver).sendKeys(Keys.ENTER).pause(30).sendKeys(Keys.ESCAPE).perform();
      String facts = "#log > div:last-of-type .facts";
      browser.waitFor(facts, found -> found.getText().matches(".*(stopped|wrote).*"));
      stopped = browser.find(facts).getText().contains("stopped");
    }
    browser.waitFor("#stop", stop -> !stop.isEnabled());
    assertThat(browser.find("#stop").isEnabled()).isFalse();
    assertThat(browser.find("#send").isEnabled()).isTrue();
  }

  @Test
  void newLeavesNothingOfAnAnswerThatItStopped() {
    browser.fill("#tokens", "500");
    send("Before");
    browser.waitFor("article.model p", words -> !words.getText().isEmpty());
    browser.find("#clear").click();
    browser.waitFor("#stop", stop -> !stop.isEnabled());
    assertThat(browser.all("#log > *")).isEmpty();

    watchRequests();
    browser.fill("#tokens", "5");
    send("After");
    awaitAnswer();
    assertThat(asked().at("/messages").toString())
        .isEqualTo("[{\"role\":\"user\",\"content\":\"After\"}]");
  }

  @Test
  void aMethodThatDoesNotExistIsRefusedWithTheSentenceOfTheServer()
      throws IOException, InterruptedException {
    String expected =
        server
            .post("/v1/completions", "{\"prompt\": \"a\", \"position_method\": \"yarn:factr=4\"}")
            .json()
            .at("/error/message")
            .asText();

    browser.fill("#method", "yarn:factr=4");
    browser.waitFor("#method-fault", fault -> fault.getText().equals(expected));
    assertThat(browser.find("#method").getDomAttribute("aria-invalid")).isEqualTo("true");

    browser.fill("#method", "yarn:factor=4");
    browser.waitFor("#method-fault", fault -> fault.getText().isEmpty());
  }

  @Test
  void twoMethodsAnswerSideBySideAndShowWhatEachSees() {
    browser.fill("#beside", "streaming-llm:sinks=2,window=16");
    send(LONG);
    awaitAnswer();

    assertThat(browser.all(".answers article.model p:first-child"))
        .hasSize(2)
        .noneMatch(words -> words.getText().isEmpty());
    assertThat(strip(0)).contains("true distance").doesNotContain("sink", "dropped");
    assertThat(strip(1)).contains("tokens 0 to 1: sink", "dropped", "true distance");
    assertThat(browser.driver.getCurrentUrl()).contains("beside=streaming-llm");
  }

  @Test
  void aPersonChoosesWithWhichOfTwoAnswersTheConversationGoesOn() {
    browser.fill("#beside", "streaming-llm:sinks=2,window=16");
    send(LONG);
    awaitAnswer();
    List<String> answers =
        browser.all(".answers article.model p:first-child").stream()
            .map(words -> String.valueOf(words.getDomProperty("textContent")))
            .toList();
    assertThat(browser.all(".choice input")).hasSize(2);
    assertThat(browser.all(".choice input").getFirst().isSelected()).isTrue();

    new Actions(browser.driver) // from the message to the choice
        .keyDown(Keys.SHIFT)
        .sendKeys(Keys.TAB)
        .keyUp(Keys.SHIFT)
        .sendKeys(Keys.ARROW_RIGHT)
        .perform();
    assertThat(browser.all(".choice input").getLast().isSelected()).isTrue();
    watchRequests();
    send("And then?");
    awaitAnswer();

    assertThat(asked().at("/messages/1/content").asText()).isEqualTo(answers.getLast());
    assertThat(browser.all(".choice input").getFirst().isEnabled()).isFalse();
    assertThat(browser.all(".choice input").getLast().isEnabled()).isTrue();
  }

  @Test
  void whereOneOfTwoMethodsFailsTheConversationGoesOnWithTheOther() {
    browser.fill("#method", "yarn:factr=4");
    browser.fill("#beside", "yarn:factor=4");
    send("Hello");
    browser.waitFor("#stop", stop -> !stop.isEnabled());
    assertThat(browser.all("article.wrong")).hasSize(1);
    String answer =
        String.valueOf(browser.find("article.model p:first-child").getDomProperty("textContent"));
    assertThat(browser.all(".choice")).isEmpty();

    watchRequests();
    browser.fill("#method", "declared");
    send("Again");
    awaitAnswer();
    assertThat(asked().at("/messages/1/content").asText()).isEqualTo(answer);
  }

  @Test
  void theStripShowsWhatAWindowMovesAndWhatTheContextPolicyCutsOff() {
    open("#method=rerope:window=8&policy=truncate-left&tokens=20");
    send(LONG.repeat(4)); // more than the 600 tokens that a text may have

    awaitAnswer();
    assertThat(strip(0))
        .contains(
            "let go by the context policy", "seen at another distance", "at distances 8 to 8");
    assertThat(browser.find(".strip").findElements(By.className("bar"))).hasSize(1);
  }

  @Test
  void aTextThatIsOnlyReadHasItsLossAndEntropyByPositionWithTheTrainedLength() {
    browser.insert(LONG);
    browser.find("#read").click();

    browser.waitFor("#chart", chart -> chart.getText().contains("trained: 64"));
    assertThat(browser.find("#means").getText()).contains("loss", "beyond it").doesNotContain("–");
    String loss = browser.find("#means").getText();
    browser.find("#curve").sendKeys("entropy");
    browser.waitFor("#means", means -> means.getText().contains("entropy"));
    assertThat(browser.find("#means").getText().replace("entropy", "loss")).isNotEqualTo(loss);
  }

  @Test
  void reportsAreATabThatArrowKeysReach() {
    browser.waitFor("#talk-tab", WebElement::isDisplayed).sendKeys(Keys.ARROW_RIGHT);

    assertThat(browser.focused()).isEqualTo("results-tab");
    assertThat(browser.find("#talk").isDisplayed()).isFalse();
    browser.driver.switchTo().frame("shown");
    browser.waitFor("svg", _ -> true);
    browser.driver.switchTo().defaultContent();
    browser.press(Keys.ARROW_LEFT);
    assertThat(browser.find("#talk").isDisplayed()).isTrue();
  }

  @Test
  void darkIsWhatTheSystemPrefersUnlessThePageSaysOtherwise() {
    String light = browser.find("body").getCssValue("background-color");
    browser.prefer("dark");
    assertThat(browser.find("body").getCssValue("background-color")).isNotEqualTo(light);

    browser.find("#theme").sendKeys("light");
    browser.waitFor("body", body -> body.getCssValue("background-color").equals(light));
    assertThat(browser.driver.getCurrentUrl()).contains("theme=light");
    open("#theme=dark");
    browser.prefer("light");
    assertThat(browser.find("body").getCssValue("background-color")).isNotEqualTo(light);
  }

  @Test
  void nothingIsWiderThanAScreenOf400Pixels() {
    browser.screen(400);
    open("#beside=rerope:window=8&tokens=20");
    send("w".repeat(200));
    awaitAnswer();
    browser.waitFor("#chart svg", _ -> true);

    assertThat(browser.run(OVERHANG)).isEqualTo("0");
    open("#tab=results");
    browser.waitFor("#results", WebElement::isDisplayed);
    assertThat(browser.run(OVERHANG)).isEqualTo("0");
  }

  @Test
  void everythingIsReachedWithTheKeyboard() {
    assertThat(browser.focused()).isEqualTo("prompt");
    List<String> order = new ArrayList<>();
    for (int key = 0; key < 8; key++) {
      browser.press(Keys.TAB);
      order.add(browser.focused());
    }
    assertThat(order)
        .containsExactly(
            "send", "read", "clear", "method", "beside", "policy", "temperature", "tokens");

    open("#tokens=5");
    new Actions(browser.driver)
        .sendKeys("one")
        .keyDown(Keys.SHIFT)
        .sendKeys(Keys.ENTER)
        .keyUp(Keys.SHIFT)
        .sendKeys("two", Keys.ENTER)
        .perform();
    awaitAnswer();
    assertThat(browser.find("article.user p").getText()).isEqualTo("one\ntwo");
    assertThat(browser.focused()).isEqualTo("prompt");
  }

  @Test
  void everyControlHasAName() {
    Object nameless =
        browser.run(
            "return [...document.querySelectorAll('input, select, textarea, button, iframe')]"
                + ".filter(e => !(e.labels?.length || e.textContent.trim() || e.title)).map(e =>"
                + " e.id).join()");
    assertThat(nameless).isEqualTo("");
  }
}
