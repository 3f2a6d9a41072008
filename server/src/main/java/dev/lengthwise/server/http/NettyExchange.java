package dev.lengthwise.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// One request of a connection. Writing waits until the bytes have been taken, so that a slow
/// client slows its own request only.
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel end it
final class NettyExchange implements Exchange {

  private final ChannelHandlerContext context;
  private final String method;
  private final String path;
  private final String uri;
  private final HttpHeaders headers;
  private final byte[] body;
  private final Duration patience;
  private final Runnable done;
  private OptionalInt status = OptionalInt.empty();
  private boolean finished;

  // Under the monitor.
  private final List<Runnable> actions = new ArrayList<>();
  private boolean gone;

  NettyExchange(
      ChannelHandlerContext context,
      FullHttpRequest request,
      byte[] body,
      Duration patience,
      Runnable done) {
    this.context = context;
    this.method = request.method().name();
    this.uri = request.uri();
    int query = uri.indexOf('?');
    this.path = query < 0 ? uri : uri.substring(0, query);
    this.headers = request.headers().copy();
    this.body = body;
    this.patience = patience;
    this.done = done;
  }

  void run(Handler handler) {
    try {
      handler.handle(this);
    } catch (ClientGoneException _) {
      // It has nobody to be told.
    } finally {
      if (!context.executor().isShuttingDown()) { // else all connections are closed anyway
        if (!finished) {
          context.close();
        }
        done.run();
      }
    }
  }

  void leave() {
    List<Runnable> all;
    synchronized (actions) {
      gone = true;
      all = List.copyOf(actions);
    }
    all.forEach(Runnable::run);
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public Optional<String> query(String name) {
    try {
      return new QueryStringDecoder(uri)
          .parameters().getOrDefault(name, List.of()).stream().findFirst();
    } catch (IllegalArgumentException _) {
      return Optional.empty(); // a broken escape names nothing
    }
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  @Override
  public byte[] body() {
    return body;
  }

  @Override
  public OptionalInt status() {
    return status;
  }

  @Override
  public void onLeave(Runnable action) {
    boolean now;
    synchronized (actions) {
      actions.add(action);
      now = gone;
    }
    if (now) {
      action.run();
    }
  }

  @Override
  public void answer(Answer answer) {
    status = OptionalInt.of(answer.status());
    write(Connection.response(answer));
    finished = true;
  }

  @Override
  public EventStream events(Map<String, String> further) {
    HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    status = OptionalInt.of(response.status().code());
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8")
        .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_CACHE)
        .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    further.forEach(response.headers()::set);
    write(response);
    return new EventStream() {
      @Override
      public void send(Event event) {
        String type = event.name().map(name -> "event: " + name + "\n").orElse("");
        byte[] lines = (type + "data: " + event.data() + "\n\n").getBytes(StandardCharsets.UTF_8);
        write(new DefaultHttpContent(Unpooled.wrappedBuffer(lines)));
      }

      @Override
      public void end() {
        // Clients may leave when they have read the last event.
        context
            .writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
            .awaitUninterruptibly(patience.toMillis());
        finished = true;
      }
    };
  }

  private void write(Object message) {
    ChannelFuture written = context.writeAndFlush(message);
    if (!written.awaitUninterruptibly(patience.toMillis()) || !written.isSuccess()) {
      throw new ClientGoneException();
    }
  }
}
