package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

class BrowserStartTest {

  @TempDir private Path folder;

  private void assertSkips(Map<String, String> environment, String reason) {
    BrowserStart start = new BrowserStart(environment, Duration.ofMillis(1));
    assertThatThrownBy(start::browser)
        .isInstanceOf(TestAbortedException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void aMissingBrowserSkips() {
    assertSkips(Map.of("PATH", folder.toString()), "chromedriver is not on the PATH");
  }

  @Test
  void anInstallerThatDoesNotEndSkips() {
    String marker = folder.resolve("ended").toString();
    assertSkips(Map.of("BROWSER_INSTALLER_ENDED", marker), "installer has not ended");
  }

  @Test
  void aDriverThatEndsAtOnceSkips() throws IOException {
    for (String name : new String[] {"chromedriver", "chromium"}) {
      Path program = Files.writeString(folder.resolve(name), "#!/bin/sh\nexit 1\n");
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    assertSkips(Map.of("PATH", folder.toString()), "does not start");
  }
}
