package dev.lengthwise.io;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonFailureTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"a\": NaN} | Non-standard token 'NaN' (line 1, column",
        "{\"a\":\t\u0001\"\"} | (line 1, column",
        "{\"a\": 1, | Unexpected end-of-input",
        "[1] | must be an object, found a list",
        "5 | must be an object, found the number 5",
        "~~ | must be an object, found nothing"
      })
  void aReasonNamesNoClassesOfTheParser(String json, String reason) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), json);
    assertThatThrownBy(() -> JsonObjects.readStrictObject(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining(reason)
        .hasMessageNotContainingAny("Feature", "Source", "`", "\n");
  }
}
