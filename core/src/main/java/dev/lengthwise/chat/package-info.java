/// Conversations as models expect them.
///
/// Start reading at [dev.lengthwise.chat.ChatTemplates]: it finds the templates of a model, and a
/// [dev.lengthwise.chat.ChatTemplate] makes a text of a [dev.lengthwise.chat.Conversation].
/// [dev.lengthwise.chat.ChatTokens] are the ids of that text, in which nothing that a user wrote is
/// a control token. Depends on the formats of checkpoints and on tokenizers; `generate` and all
/// above it may depend on it.
@NullMarked
package dev.lengthwise.chat;

import org.jspecify.annotations.NullMarked;
