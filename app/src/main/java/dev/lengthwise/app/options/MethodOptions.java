package dev.lengthwise.app.options;

import dev.lengthwise.method.syntax.MethodAliases;
import dev.lengthwise.position.MethodValue;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The position method of one run, by our name or by the options of other programs.
public final class MethodOptions {

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      description =
          "Position method, NAME[:key=value,...][+NAME...]; default: what the checkpoint declares."
              + " 'lengthwise methods' lists them.")
  @Nullable String method;

  @Option(names = "--rope-scaling", paramLabel = "TYPE", description = "none, linear or yarn.")
  @Nullable String ropeScaling;

  @Option(names = "--rope-scale", paramLabel = "N", description = "Factor of --rope-scaling.")
  @Nullable Double ropeScale;

  @Option(
      names = {"-gan", "--grp-attn-n"},
      paramLabel = "N",
      description = "Self-Extend: group.")
  @Nullable Long group;

  @Option(
      names = {"-gaw", "--grp-attn-w"},
      paramLabel = "N",
      description = "Self-Extend: window.")
  @Nullable Long groupWindow;

  @Option(names = "--keep", paramLabel = "N", description = "StreamingLLM: first tokens to keep.")
  @Nullable Long keep;

  @Option(names = "--local_branch", paramLabel = "N", description = "LM-Infinite: local window.")
  @Nullable Long localBranch;

  @Option(names = "--global_branch", paramLabel = "N", description = "LM-Infinite: first tokens.")
  @Nullable Long globalBranch;

  /// The text of the method, or `declared`.
  public String text() {
    Optional<String> alias =
        new MethodAliases(
                Optional.ofNullable(ropeScaling),
                ropeScale == null ? OptionalDouble.empty() : OptionalDouble.of(ropeScale),
                optional(group),
                optional(groupWindow),
                optional(keep),
                optional(localBranch),
                optional(globalBranch))
            .method()
            .map(MethodValue::text);
    if (method != null && alias.isPresent()) {
      throw new WrongUsageException(
          "--method "
              + method
              + " and the options that mean '"
              + alias.get()
              + "' exclude each other; give one of them");
    }
    return method != null ? method : alias.orElse("declared");
  }

  private static OptionalLong optional(@Nullable Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
