package dev.lengthwise.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import dev.lengthwise.ChatReply;
import dev.lengthwise.generate.GenerationResult.Reason;
import java.util.List;
import java.util.UUID;

/// Replies in the terms of LangChain4j.
final class ChatResponses {

  private ChatResponses() {}

  /// @param text of the answer without the calls of tools
  static ChatResponse of(
      ChatReply reply, String text, List<ToolExecutionRequest> calls, String modelName) {
    return ChatResponse.builder()
        .aiMessage(
            AiMessage.builder()
                .text(text.isEmpty() && !calls.isEmpty() ? null : text)
                .toolExecutionRequests(calls)
                .build())
        .id("lengthwise-" + UUID.randomUUID())
        .modelName(modelName)
        .tokenUsage(new TokenUsage(reply.promptTokens(), reply.result().generatedTokens()))
        .finishReason(
            calls.isEmpty() ? finishReason(reply.result().reason()) : FinishReason.TOOL_EXECUTION)
        .build();
  }

  private static FinishReason finishReason(Reason reason) {
    return switch (reason) {
      case LENGTH -> FinishReason.LENGTH;
      case END_OF_TEXT, STOP -> FinishReason.STOP;
      case CANCELLED -> FinishReason.OTHER;
    };
  }
}
