package dev.lengthwise.method.syntax;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// Options of llama.cpp and of LM-Infinite's scripts that mean a position method.
///
/// @param ropeScaling `--rope-scaling`: `none`, `linear` or `yarn`
/// @param ropeScale `--rope-scale`: the factor; alone, it means linear scaling
/// @param group `-gan`, `--grp-attn-n`: the group of Self-Extend; 1 is off, as in llama.cpp
/// @param groupWindow `-gaw`, `--grp-attn-w`: its window; without a group it has no effect
/// @param keep `--keep`: the sinks of StreamingLLM
/// @param localBranch `--local_branch` of LM-Infinite
/// @param globalBranch `--global_branch` of LM-Infinite
public record MethodAliases(
    Optional<String> ropeScaling,
    OptionalDouble ropeScale,
    OptionalLong group,
    OptionalLong groupWindow,
    OptionalLong keep,
    OptionalLong localBranch,
    OptionalLong globalBranch) {

  /// The method that the options mean, where one of them was given.
  ///
  /// Ranges are left to `MethodParser`.
  ///
  /// @throws LengthwiseException when `--rope-scaling` is unknown or contradicts `--rope-scale`
  public Optional<MethodValue> method() {
    List<MethodTerm> methods = new ArrayList<>();
    ropeMethod().ifPresent(methods::add);
    if (group.isPresent() && group.getAsLong() != 1) {
      methods.add(with(with(new MethodTerm("self-extend"), "group", group), "window", groupWindow));
    }
    if (keep.isPresent()) {
      methods.add(new MethodTerm("streaming-llm").with("sinks", sinks(keep.getAsLong())));
    }
    if (localBranch.isPresent() || globalBranch.isPresent()) {
      methods.add(
          with(with(new MethodTerm("lm-infinite"), "local", localBranch), "global", globalBranch));
    }
    return methods.isEmpty()
        ? Optional.empty()
        : Optional.of(new MethodValue(methods, Optional.empty()));
  }

  private Optional<MethodTerm> ropeMethod() {
    if (ropeScaling.isEmpty() && ropeScale.isEmpty()) {
      return Optional.empty();
    }
    if (ropeScale.isPresent() && !Double.isFinite(ropeScale.getAsDouble())) {
      throw new LengthwiseException(
          "--rope-scale must be a finite number of at least 1, found " + ropeScale.getAsDouble());
    }
    String scaling = ropeScaling.orElse("linear");
    return switch (scaling) {
      case "none" -> {
        if (ropeScale.isPresent()) {
          throw new LengthwiseException(
              "--rope-scaling none takes no --rope-scale; leave one of the two out");
        }
        yield Optional.of(new MethodTerm("rope"));
      }
      case "linear", "yarn" ->
          Optional.of(new MethodTerm(scaling).withOptional("factor", ropeScale));
      default ->
          throw new LengthwiseException(
              "--rope-scaling must be none, linear or yarn, found '%s'; --method knows more methods"
                  .formatted(scaling));
    };
  }

  private static long sinks(long kept) {
    if (kept < 0) {
      throw new LengthwiseException(
          "--keep must be a number of first tokens from 0, found %d; to see the whole prompt choose --method rope"
              .formatted(kept));
    }
    return kept;
  }

  private static MethodTerm with(MethodTerm term, String key, OptionalLong value) {
    return value.isPresent() ? term.with(key, value.getAsLong()) : term;
  }
}
