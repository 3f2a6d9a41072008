/// HTTP/1.1 for a server that answers slowly: each request on a virtual thread of its own, which
/// learns at once when its client leaves.
///
/// Start reading at [dev.lengthwise.server.http.HttpServer]. Netty is seen here only; nothing here
/// knows of models.
@NullMarked
package dev.lengthwise.server.http;

import org.jspecify.annotations.NullMarked;
