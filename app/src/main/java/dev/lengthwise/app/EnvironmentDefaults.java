package dev.lengthwise.app;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Defaults of options from the environment: `--trained-length` is `LENGTHWISE_TRAINED_LENGTH`.
record EnvironmentDefaults(Map<String, String> environment) implements IDefaultValueProvider {

  EnvironmentDefaults {
    environment = Map.copyOf(environment);
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
      return null;
    }
    String name = option.longestName().replaceFirst("^-+", "");
    return environment.get("LENGTHWISE_" + name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
