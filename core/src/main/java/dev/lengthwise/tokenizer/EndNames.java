package dev.lengthwise.tokenizer;

import java.util.Set;
import java.util.stream.Collectors;

/// Names of tokens that end a text, a turn, a message or a part of a file (those of llama.cpp,
/// `src/llama-vocab.cpp`, without `</s>`, which is ordinary text in some vocabularies).
public final class EndNames {

  private static final Set<String> ALL =
      Set.of(
          "<|eot_id|>",
          "<|eom_id|>",
          "<|im_end|>",
          "<|end|>",
          "<|return|>",
          "<|call|>",
          "<|calls|>",
          "<|flush|>",
          "<end_of_turn>",
          "<turn|>",
          "<|tool_response>",
          "<|END_OF_TURN_TOKEN|>",
          "<|endoftext|>",
          "<|end_of_text|>",
          "<eos>",
          "<EOT>",
          "_<EOT>",
          "[EOT]",
          "[EOS]",
          "<｜end▁of▁sentence｜>",
          "<end_of_utterance>",
          "<|fim_pad|>",
          "<fim-pad>",
          "<fim_pad>",
          "<|fim_repo|>",
          "<|repo_name|>",
          "<fim-repo>",
          "<|file_sep|>");

  // Models that end a message with one of these end a part of it with `<|end|>`.
  private static final Set<String> CALLS = Set.of("<|call|>", "<|calls|>");
  private static final Set<String> LAST = Set.of("<|return|>", "<|flush|>");
  private static final String END_OF_A_PART = "<|end|>";

  private EndNames() {}

  /// Whether a token of this name ends something in some vocabulary.
  public static boolean contains(String name) {
    return ALL.contains(name);
  }

  /// The names among those of a vocabulary's control tokens that end something there.
  public static Set<String> of(Set<String> controls) {
    boolean parts =
        CALLS.stream().anyMatch(controls::contains) && LAST.stream().anyMatch(controls::contains);
    return controls.stream()
        .filter(EndNames::contains)
        .filter(name -> !parts || !name.equals(END_OF_A_PART))
        .collect(Collectors.toUnmodifiableSet());
  }
}
