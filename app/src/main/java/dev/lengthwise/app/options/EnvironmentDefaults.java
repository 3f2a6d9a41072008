package dev.lengthwise.app.options;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/// Defaults of options from the environment: `--trained-length` is `LENGTHWISE_TRAINED_LENGTH`.
public record EnvironmentDefaults(Map<String, String> environment)
    implements IDefaultValueProvider {

  public EnvironmentDefaults {
    environment = Map.copyOf(environment);
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
      return null;
    }
    return Arrays.stream(option.names())
        .map(EnvironmentDefaults::variable)
        .filter(environment::containsKey)
        .map(environment::get)
        .findFirst()
        .orElse(null);
  }

  /// ` (from the environment variable …)` where the complaint is about a value that came from
  /// there, else nothing.
  public String origin(ParameterException exception) {
    if (!(exception.getArgSpec() instanceof OptionSpec option)) {
      return "";
    }
    boolean given = exception.getCommandLine().getParseResult().hasMatchedOption(option);
    return Arrays.stream(option.names())
        .map(EnvironmentDefaults::variable)
        .filter(name -> !given && environment.containsKey(name))
        .findFirst()
        .map(name -> "; the value comes from the environment variable " + name)
        .orElse("");
  }

  private static String variable(String option) {
    String name = option.replaceFirst("^-+", "").toUpperCase(Locale.ROOT).replace('-', '_');
    return "LENGTHWISE_" + name;
  }
}
