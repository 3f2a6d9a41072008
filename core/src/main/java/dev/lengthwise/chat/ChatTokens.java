package dev.lengthwise.chat;

import dev.lengthwise.chat.template.Rendering;
import dev.lengthwise.tokenizer.SpecialTokens;
import dev.lengthwise.tokenizer.Tokenizer;

/// The token ids of rendered conversations.
public final class ChatTokens {

  private ChatTokens() {}

  /// The ids of a rendering. The name of a control token is that token only where every character
  /// of it came from the template; anywhere else it is text. No begin of text is added: templates
  /// print it themselves.
  public static int[] encode(Rendering rendering, Tokenizer tokenizer) {
    return new SpecialTokens(tokenizer).encode(rendering.text(), rendering::isOwn);
  }
}
