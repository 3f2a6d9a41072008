package dev.lengthwise.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.remote.Command;
import org.openqa.selenium.remote.CommandInfo;
import org.openqa.selenium.remote.HttpCommandExecutor;
import org.openqa.selenium.remote.RemoteWebDriver;
import org.openqa.selenium.remote.http.ClientConfig;
import org.openqa.selenium.remote.http.HttpClient;
import org.openqa.selenium.remote.http.HttpMethod;
import org.openqa.selenium.support.ui.WebDriverWait;

/// Chromium without a window, driven by the chromedriver that is installed beside it.
final class Browser implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private static final String PROTOCOL = "executeCdpCommand";

  final RemoteWebDriver driver;
  private final ChromeDriverService service;

  // Not a ChromeDriver: that needs Selenium's search for browsers in the network.
  Browser(ChromeDriverService service, ChromeOptions options) {
    this.service = service;
    CommandInfo protocol = new CommandInfo("/session/:sessionId/goog/cdp/execute", HttpMethod.POST);
    ClientConfig config =
        ClientConfig.defaultConfig().baseUrl(service.getUrl()).readTimeout(PATIENCE);
    this.driver =
        new RemoteWebDriver(
            new HttpCommandExecutor(
                HttpClient.Factory.createDefault().createClient(config),
                Map.of(PROTOCOL, protocol),
                service.getUrl()),
            options);
  }

  private void command(String name, Map<String, Object> parameters) {
    Command command =
        new Command(driver.getSessionId(), PROTOCOL, Map.of("cmd", name, "params", parameters));
    try {
      driver.getCommandExecutor().execute(command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void open(String address) {
    driver.get("about:blank"); // an address that differs in its end alone would load nothing
    driver.manage().logs().get(LogType.BROWSER);
    driver.get(address);
    waitFor("#model", element -> element.getText().contains("tiny"));
  }

  /// What the page complained about since it was opened.
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::getMessage)
        .toList();
  }

  WebElement find(String selector) {
    return driver.findElement(By.cssSelector(selector));
  }

  List<WebElement> all(String selector) {
    return driver.findElements(By.cssSelector(selector));
  }

  /// Waits for an element that is as it should be.
  WebElement waitFor(String selector, Predicate<WebElement> condition) {
    new WebDriverWait(driver, PATIENCE, PAUSE)
        .ignoring(StaleElementReferenceException.class) // replaced meanwhile
        .withMessage(
            () -> selector + " is not as expected; the page shows:\n" + find("body").getText())
        .until(_ -> condition.test(find(selector)));
    return find(selector);
  }

  /// Writes a text of many letters where the focus is: pressing a key takes milliseconds.
  void insert(String text) {
    command("Input.insertText", Map.of("text", text));
  }

  /// Presses keys wherever the focus is.
  void press(CharSequence... keys) {
    new Actions(driver).sendKeys(keys).perform();
  }

  /// Writes into a field in the place of what is there, and leaves it.
  void fill(String selector, String text) {
    find(selector).sendKeys(Keys.chord(Keys.CONTROL, "a"), text, Keys.TAB);
  }

  /// The id of what has the focus.
  String focused() {
    return String.valueOf(driver.switchTo().activeElement().getDomProperty("id"));
  }

  String run(String script) {
    return String.valueOf(driver.executeScript(script));
  }

  /// Has the system prefer a colour scheme.
  void prefer(String scheme) {
    Map<String, Object> feature = Map.of("name", "prefers-color-scheme", "value", scheme);
    command("Emulation.setEmulatedMedia", Map.of("features", List.of(feature)));
  }

  /// Has a screen of some width; 0 ends that.
  void screen(int width) {
    command(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 800, "deviceScaleFactor", 1, "mobile", false));
  }

  @Override
  public void close() {
    driver.quit();
    service.stop();
  }
}
