package dev.lengthwise.server;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// The tokens of an answer, as clients are told them.
///
/// @param prompt of all prompts, each once
/// @param generated in all texts
/// @param cached those of the prompts that were not read, since another text had
/// @param dropped that the prompts lost
record TokenUsage(int prompt, int generated, int cached, int dropped) {

  /// `usage` of completions and conversations.
  ObjectNode ofChoices() {
    ObjectNode usage =
        Json.object()
            .put("prompt_tokens", prompt)
            .put("completion_tokens", generated)
            .put("total_tokens", prompt + generated);
    usage.set("prompt_tokens_details", Json.object().put("cached_tokens", cached));
    return usage.put("dropped_tokens", dropped);
  }

  /// `usage` of a response.
  ObjectNode ofResponse() {
    ObjectNode usage = Json.object().put("input_tokens", prompt);
    usage
        .putObject("input_tokens_details")
        .put("cached_tokens", cached)
        .put("cache_write_tokens", 0); // clients expect the field; nothing is billed here
    usage.put("output_tokens", generated);
    usage.set("output_tokens_details", Json.object().put("reasoning_tokens", 0));
    return usage.put("total_tokens", prompt + generated).put("dropped_tokens", dropped);
  }
}
