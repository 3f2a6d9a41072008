package dev.lengthwise.server.http;

import dev.lengthwise.LengthwiseException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.cors.CorsConfig;
import io.netty.handler.codec.http.cors.CorsConfigBuilder;
import io.netty.handler.codec.http.cors.CorsHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Listens, and hands every request to a [Handler].
///
/// One thread does all input and output, since models leave no processor idle; it never waits. A
/// client that leaves is seen by it at once, also while nothing is written to it. A client that
/// closes its side of the connection after a request counts as one that has left.
@SuppressWarnings("FutureReturnValueIgnored") // failures of a channel end it
public final class HttpServer implements AutoCloseable {

  private static final int BACKLOG = 1024;

  private final EventLoopGroup loop;
  private final Channel listening;

  private HttpServer(EventLoopGroup loop, Channel listening) {
    this.loop = loop;
    this.listening = listening;
  }

  /// Begins to listen.
  ///
  /// @throws LengthwiseException when the address cannot be taken
  public static HttpServer start(HttpSettings settings, Handler handler) {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new Connections(settings, handler));
    var binding = bootstrap.bind(settings.host(), settings.port()).awaitUninterruptibly();
    if (!binding.isSuccess()) {
      loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      throw new LengthwiseException(
          "The server cannot listen at %s:%d: %s; take another --host or --port"
              .formatted(settings.host(), settings.port(), binding.cause().getMessage()),
          binding.cause());
    }
    return new HttpServer(loop, binding.channel());
  }

  /// The port that it listens at.
  public int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /// Takes no further connections; those that are open stay.
  public void stopListening() {
    listening.close().awaitUninterruptibly();
  }

  /// Closes everything.
  @Override
  public void close() {
    stopListening();
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /// Sets up what is done with the bytes of a connection.
  private static final class Connections extends ChannelInitializer<SocketChannel> {

    private static final int MOST_LINE = 8192;
    private static final int MOST_HEADERS = 32768;
    private static final int CHUNK = 8192;

    private final HttpSettings settings;
    private final Handler handler;
    private final AtomicInteger count = new AtomicInteger();

    Connections(HttpSettings settings, Handler handler) {
      this.settings = settings;
      this.handler = handler;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      if (count.incrementAndGet() > settings.mostConnections()) {
        count.decrementAndGet();
        channel.close();
        return;
      }
      channel.closeFuture().addListener(_ -> count.decrementAndGet());
      ChannelPipeline pipeline = channel.pipeline();
      pipeline.addLast(new HttpServerCodec(MOST_LINE, MOST_HEADERS, CHUNK));
      pipeline.addLast(new HttpServerKeepAliveHandler());
      pipeline.addLast(new WholeRequests(settings.mostBodyBytes(), handler));
      if (!settings.origins().isEmpty()) {
        pipeline.addLast(new CorsHandler(cors()));
      }
      pipeline.addLast(new Connection(settings.patience(), handler));
    }

    private CorsConfig cors() {
      CorsConfigBuilder builder =
          settings.origins().contains("*")
              ? CorsConfigBuilder.forAnyOrigin()
              : CorsConfigBuilder.forOrigins(settings.origins().toArray(String[]::new));
      return builder
          .allowedRequestMethods(HttpMethod.GET, HttpMethod.POST)
          // `*` does not stand for `authorization`; clients send headers of their own, too
          .allowedRequestHeaders("*", "authorization", "content-type", "x-api-key")
          .exposeHeaders("*")
          .noPreflightResponseHeaders() // a date in quotes
          .maxAge(TimeUnit.HOURS.toSeconds(1))
          .build();
    }
  }
}
