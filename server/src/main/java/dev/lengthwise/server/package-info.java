/// A model as an HTTP server that clients of OpenAI's interface use, with a position method in
/// every request.
///
/// Start reading at [dev.lengthwise.server.Server], then [dev.lengthwise.server.Api]. A request is
/// read into a [dev.lengthwise.server.Generation], which [dev.lengthwise.server.Answering] runs and
/// writes in an [dev.lengthwise.server.AnswerFormat]. Depends on `batch`, `runtime` and `chat` of
/// the core, and on `server.http`.
@NullMarked
package dev.lengthwise.server;

import org.jspecify.annotations.NullMarked;
