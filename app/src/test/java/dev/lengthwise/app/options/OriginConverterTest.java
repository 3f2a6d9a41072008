package dev.lengthwise.app.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class OriginConverterTest {

  private final OriginConverter converter = new OriginConverter();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "null",
        "http://localhost:3000",
        "https://page.example",
        "http://xn--4ca.de",
        "http://my_machine",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "http://page.example:443",
        "https://page.example:65535",
        "chrome-extension://abcdefghijklmnop",
        "safari-web-extension://0A1B",
        "app://obsidian.md",
      })
  void whatBrowsersSendStaysAsItIs(String origin) {
    assertThat(converter.convert(origin)).isEqualTo(origin);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "page.example",
        "localhost:3000",
        "ftp://x",
        "file:///home",
        "http://",
        "http:// page.example",
        "http://a..example",
        "http://-a.example",
        "http://*.example",
        "http://user@page.example",
        "http://page.example:0",
        "http://page.example:65536",
        "http://page.example:99999999999",
        "http://a.example http://b.example",
      })
  void whatNoBrowserSendsIsRefused(String text) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageStartingWith("expected * or an origin as browsers send it, such as ")
        .hasMessageEndingWith("found '" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "http://ä.de, http://xn--4ca.de",
    "HTTP://Page.Example, http://page.example",
    "http://page.example/, http://page.example",
    "https://page.example/chat/, https://page.example",
    "http://page.example:80, http://page.example",
    "https://page.example:443/, https://page.example",
  })
  void whatWasMeantIsSaid(String text, String meant) {
    assertThatThrownBy(() -> converter.convert(text))
        .hasMessageEndingWith("found '" + text + "'; did you mean '" + meant + "'?");
  }
}
