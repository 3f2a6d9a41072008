package dev.lengthwise.hub;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What the environment says of the hub, under the names of Hugging Face's library
/// `huggingface_hub` (its page "Environment variables").
///
/// @param endpoint address of the hub, without a slash at its end
/// @param cache folder of the cache
/// @param token of the user; empty: nobody
/// @param offline whether the network is forbidden
public record HubSettings(URI endpoint, Path cache, Optional<String> token, boolean offline) {

  private static final String HUB = "https://huggingface.co";
  private static final Set<String> YES = Set.of("1", "on", "yes", "true");

  /// Reads `HF_ENDPOINT`, `HF_HUB_CACHE`, `HF_HOME`, `HF_TOKEN`, `HF_TOKEN_PATH` and
  /// `HF_HUB_OFFLINE`. Without `HF_TOKEN` the token is that of the file `HF_HOME/token`, where
  /// `hf auth login` writes it.
  ///
  /// @throws LengthwiseException when a value cannot be used
  public static HubSettings of(Map<String, String> environment, Path userHome) {
    Path home = home(environment, userHome);
    Path tokenFile =
        value(environment, "HF_TOKEN_PATH").map(Path::of).orElse(home.resolve("token"));
    return new HubSettings(
        endpoint(value(environment, "HF_ENDPOINT").orElse(HUB)),
        cacheOf(environment, home),
        value(environment, "HF_TOKEN").or(() -> read(tokenFile)),
        value(environment, "HF_HUB_OFFLINE")
            .filter(text -> YES.contains(text.toLowerCase(Locale.ROOT)))
            .isPresent());
  }

  /// The cache folder that the environment names; needs nothing else of it.
  public static Path cache(Map<String, String> environment, Path userHome) {
    return cacheOf(environment, home(environment, userHome));
  }

  /// The same settings without the network.
  public HubSettings withoutNetwork() {
    return new HubSettings(endpoint, cache, token, true);
  }

  private static Path cacheOf(Map<String, String> environment, Path home) {
    return value(environment, "HF_HUB_CACHE").map(Path::of).orElse(home.resolve("hub"));
  }

  private static Path home(Map<String, String> environment, Path userHome) {
    return value(environment, "HF_HOME")
        .map(Path::of)
        .orElseGet(
            () ->
                value(environment, "XDG_CACHE_HOME")
                    .map(Path::of)
                    .orElse(userHome.resolve(".cache"))
                    .resolve("huggingface"));
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    String text = environment.get(name);
    return text == null || text.isBlank() ? Optional.empty() : Optional.of(text.strip());
  }

  private static URI endpoint(String text) {
    String address = text.replaceFirst("/+$", "");
    if (!address.matches("https?://[^\\s?#]+")) {
      throw new LengthwiseException(
          "HF_ENDPOINT must be the address of a hub, such as %s, found '%s'".formatted(HUB, text));
    }
    return URI.create(address);
  }

  private static Optional<String> read(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty());
    } catch (IOException e) {
      throw new LengthwiseException(
          "The token of the hub in %s cannot be read: %s; mend the file, or set HF_TOKEN"
              .formatted(file, FileReason.of(e)),
          e);
    }
  }
}
