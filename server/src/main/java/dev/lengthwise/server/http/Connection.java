package dev.lengthwise.server.http;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The requests of one connection, one after the other, and the news that the client has left.
/// All methods run on the thread of the event loop.
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel end it
final class Connection extends SimpleChannelInboundHandler<FullHttpRequest> {

  /// Requests that a client may send ahead of their answers.
  private static final int AHEAD = 16;

  private final Duration patience;
  private final Handler handler;
  private final Deque<NettyExchange> ahead = new ArrayDeque<>();
  private @Nullable NettyExchange current;
  private @Nullable ScheduledFuture<?> deadline;

  Connection(Duration patience, Handler handler) {
    this.patience = patience;
    this.handler = handler;
  }

  static FullHttpResponse response(Answer answer) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(answer.status()),
            Unpooled.wrappedBuffer(answer.body()));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
    answer.headers().forEach(response.headers()::set);
    return response;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    awaitRequest(context);
    context.fireChannelActive();
  }

  // A client that sends a request byte by byte, or none, holds a connection only so long.
  private void awaitRequest(ChannelHandlerContext context) {
    deadline =
        context
            .executor()
            .schedule(
                () -> {
                  context.close();
                },
                patience.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
    if (request.decoderResult().isFailure() || ahead.size() == AHEAD) {
      context
          .writeAndFlush(
              response(
                  handler.refusal(
                      400, "The request is not HTTP/1.1, or its line and headers are too long")))
          .addListener(ChannelFutureListener.CLOSE);
      return;
    }
    byte[] body = ByteBufUtil.getBytes(request.content());
    NettyExchange exchange =
        new NettyExchange(
            context,
            request,
            body,
            patience,
            () -> context.executor().execute(() -> next(context)));
    if (current == null) {
      begin(exchange);
    } else {
      ahead.add(exchange);
    }
  }

  private void begin(NettyExchange exchange) {
    current = exchange;
    Thread.ofVirtual().name("request").start(() -> exchange.run(handler));
  }

  // The answer has been written.
  private void next(ChannelHandlerContext context) {
    current = null;
    NettyExchange waiting = ahead.poll();
    if (waiting != null) {
      begin(waiting);
    } else if (context.channel().isActive()) {
      awaitRequest(context);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (deadline != null) {
      deadline.cancel(false);
    }
    ahead.clear();
    if (current != null) {
      current.leave();
    }
    context.fireChannelInactive();
  }

  // A broken connection is one that ends.
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
