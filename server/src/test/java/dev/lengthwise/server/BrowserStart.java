package dev.lengthwise.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.logging.Level;
import java.util.regex.Pattern;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.opentest4j.TestAbortedException;

/// Finds and starts the browser of the system.
///
/// @param environment `PATH`, and `BROWSER_INSTALLER_ENDED`: a file that is there once an installer
///   that runs meanwhile has ended (see `.ci/run`)
/// @param patience how long it waits for that file
record BrowserStart(Map<String, String> environment, Duration patience) {

  private static final long PAUSE_MILLIS = 200;

  static Browser start() throws IOException, InterruptedException {
    return new BrowserStart(System.getenv(), Duration.ofSeconds(60)).browser();
  }

  /// Aborts the test, with the reason in a line of output, where no browser starts. One that is
  /// installed may still be unusable: its packages may be half unpacked.
  Browser browser() throws IOException, InterruptedException {
    awaitInstaller();
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(installed("chromedriver").toFile())
            .usingAnyFreePort()
            .withSilent(true)
            .build();
    ChromeOptions options = options(installed("chromium"));
    try {
      service.start();
      return new Browser(service, options);
    } catch (WebDriverException | UncheckedIOException e) {
      if (service.isRunning()) {
        service.stop();
      }
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw skipped("it does not start: " + reason);
    }
  }

  private void awaitInstaller() throws InterruptedException {
    String marker = environment.getOrDefault("BROWSER_INSTALLER_ENDED", "");
    long end = System.nanoTime() + patience.toNanos();
    while (!marker.isEmpty() && Files.notExists(Path.of(marker))) {
      if (System.nanoTime() > end) {
        throw skipped(
            "its installer has not ended after %d seconds".formatted(patience.toSeconds()));
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private Path installed(String name) {
    return Pattern.compile(":")
        .splitAsStream(environment.getOrDefault("PATH", ""))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> skipped(name + " is not on the PATH"));
  }

  // Maven shows no reasons of skipped tests.
  private static TestAbortedException skipped(String reason) {
    String sentence = "The page is not tested in a browser: " + reason;
    System.out.println(sentence);
    return new TestAbortedException(sentence);
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
}
