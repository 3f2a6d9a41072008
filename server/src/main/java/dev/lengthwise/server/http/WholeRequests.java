package dev.lengthwise.server.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;

/// Makes one message of the parts of a request, up to a size.
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel end it
final class WholeRequests extends HttpObjectAggregator {

  private final int most;
  private final Handler handler;

  WholeRequests(int most, Handler handler) {
    super(most, true);
    this.most = most;
    this.handler = handler;
  }

  @Override
  protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage oversized) {
    Answer answer =
        handler.refusal(
            413, "The body of the request is larger than the %d bytes that may be".formatted(most));
    // What is left of the body is read and dropped, or the client would not see the answer.
    context.writeAndFlush(Connection.response(answer));
  }
}
