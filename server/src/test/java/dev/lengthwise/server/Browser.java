package dev.lengthwise.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.regex.Pattern;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.remote.Command;
import org.openqa.selenium.remote.CommandInfo;
import org.openqa.selenium.remote.HttpCommandExecutor;
import org.openqa.selenium.remote.RemoteWebDriver;
import org.openqa.selenium.remote.http.ClientConfig;
import org.openqa.selenium.remote.http.HttpClient;
import org.openqa.selenium.remote.http.HttpMethod;

/// Chromium without a window, driven by the chromedriver that is installed beside it.
final class Browser implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final String PROTOCOL = "executeCdpCommand";

  final RemoteWebDriver driver;
  private final ChromeDriverService service;

  // Not a ChromeDriver: that needs Selenium's search for browsers in the network.
  private Browser(ChromeDriverService service, ChromeOptions options) throws IOException {
    service.start();
    this.service = service;
    CommandInfo protocol = new CommandInfo("/session/:sessionId/goog/cdp/execute", HttpMethod.POST);
    this.driver =
        new RemoteWebDriver(
            new HttpCommandExecutor(
                Map.of(PROTOCOL, protocol),
                ClientConfig.defaultConfig().baseUrl(service.getUrl()),
                HttpClient.Factory.createDefault()),
            options);
  }

  /// The programs of the system; empty where one is missing.
  static Optional<Browser> start() throws IOException {
    Optional<Path> driver = installed("chromedriver");
    Optional<Path> browser = installed("chromium");
    return driver.isEmpty() || browser.isEmpty()
        ? Optional.empty()
        : Optional.of(new Browser(service(driver.get()), options(browser.get())));
  }

  private static Optional<Path> installed(String name) {
    return Pattern.compile(":")
        .splitAsStream(System.getenv().getOrDefault("PATH", ""))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static ChromeDriverService service(Path driver) {
    return new ChromeDriverService.Builder()
        .usingDriverExecutable(driver.toFile())
        .usingAnyFreePort()
        .withSilent(true)
        .build();
  }

  private static ChromeOptions options(Path browser) {
    ChromeOptions options = new ChromeOptions();
    options.setBinary(browser.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox", // the super-user of a container has no other way
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,900");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    return options;
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
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      try {
        WebElement found = find(selector);
        if (condition.test(found)) {
          return found;
        }
        Thread.sleep(20);
      } catch (NoSuchElementException | StaleElementReferenceException _) {
        Thread.onSpinWait(); // not yet there, or replaced meanwhile
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    throw new AssertionError(
        "%s did not become what it should; the page shows:%n%s"
            .formatted(selector, find("body").getText()));
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
