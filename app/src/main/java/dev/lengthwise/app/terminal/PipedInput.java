package dev.lengthwise.app.terminal;

import dev.lengthwise.LengthwiseException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Lines of UTF-8 from a stream, which shows no prompt and has no history.
final class PipedInput implements LineInput {

  private final BufferedReader reader;

  PipedInput(InputStream in) {
    // The decoder refuses what is not UTF-8, instead of putting replacement characters in its
    // place.
    this.reader =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
  }

  @Override
  public Optional<String> next(String prompt) {
    return ContinuedLine.of(line(), this::line);
  }

  private @Nullable String line() {
    try {
      return reader.readLine();
    } catch (CharacterCodingException e) {
      throw new LengthwiseException("Standard input is not UTF-8", e);
    } catch (IOException e) {
      throw new LengthwiseException("Standard input cannot be read: " + e.getMessage(), e);
    }
  }

  // Ctrl-C ends a program that reads no terminal.
  @Override
  public void onInterrupt(Runnable cancel) {}

  // Standard input is not ours to close.
  @Override
  public void close() {}
}
