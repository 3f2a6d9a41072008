/// An interpreter for the Jinja in which chat templates are written.
///
/// Start reading at [dev.lengthwise.chat.template.Template]. [Lexer] cuts a source into tokens,
/// [Parser] makes [Statement]s and [Expression]s of them, and [Interpreter] renders these with
/// [Value]s. Semantics are those of jinja2 3.1 as Hugging Face's transformers sets it up: blocks
/// are trimmed, mutable things cannot be changed, and nothing outside the given data is reachable.
///
/// Every character of a [Text] knows whether it came from the conversation or from the template;
/// so names of control tokens in what a user wrote stay ordinary text.
///
/// Depends on nothing but the exception of the root; `chat` and all above it may depend on it.
@NullMarked
package dev.lengthwise.chat.template;

import org.jspecify.annotations.NullMarked;
