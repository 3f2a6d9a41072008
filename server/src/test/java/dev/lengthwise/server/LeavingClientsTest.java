package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(Lifecycle.PER_CLASS)
class LeavingClientsTest {

  private static final int CLIENTS = 50;

  private TinyServer tiny;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    tiny = TinyServer.start(folder);
  }

  @AfterAll
  void stop() {
    tiny.close();
  }

  // Leaves by FIN or by RST, before, while or after it reads an answer.
  private Void client(int number) throws IOException, InterruptedException {
    SplittableRandom random = new SplittableRandom(number);
    String body =
        "{\"prompt\": \"%s\", \"max_tokens\": 400, \"ignore_eos\": true, \"stream\": %s}"
            .formatted("p".repeat(random.nextInt(1, 190)), random.nextBoolean());
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), tiny.port())) {
      if (random.nextBoolean()) {
        socket.setSoLinger(true, 0);
      }
      String request =
          "POST /v1/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(body.length(), body);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      Thread.sleep(random.nextInt(300));
    }
    return null;
  }

  @Test
  void nothingIsLostWhenClientsLeaveAtRandomMoments()
      throws IOException, InterruptedException, ExecutionException {
    // One that stays: on a busy machine all others may leave before anything of theirs is read.
    String whole = "{\"prompt\": \"%s\", \"max_tokens\": 1}".formatted("p".repeat(190));
    assertThat(tiny.post("/completions", whole).status()).isEqualTo(200);
    List<Callable<Void>> clients = new ArrayList<>();
    for (int n = 0; n < CLIENTS; n++) {
      int number = n;
      clients.add(() -> client(number));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Void> done : threads.invokeAll(clients)) {
        done.get();
      }
    }
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (held() > 0 && System.nanoTime() < end) {
      Thread.sleep(20);
    }
    assertThat(held()).as("running and waiting").isZero();
    assertThat(tiny.metric("lengthwise_tokens_reserved")).isZero();
    assertThat(tiny.metric("lengthwise_cache_bytes")).isZero();
    assertThat(tiny.metric("lengthwise_cache_bytes_reserved")).isZero();
    assertThat(tiny.metric("lengthwise_prefix_cache_bytes"))
        .isBetween(1.0, (double) TinyServer.PREFIX_BYTES);
    assertThat(tiny.metric("lengthwise_clients_left_total")).isPositive();
    assertThat(tiny.get("/metrics").body())
        .as("that they left is not that the server stops")
        .contains("{status=\"499\"}")
        .doesNotContain("{status=\"503\"}");
    assertThat(tiny.post("/completions", "{\"prompt\": \"a\", \"max_tokens\": 3}").status())
        .isEqualTo(200);
  }

  private double held() throws IOException, InterruptedException {
    return tiny.metric("lengthwise_texts_running") + tiny.metric("lengthwise_texts_waiting");
  }

  @Test
  void stoppingSaysWhatItCallsOff(@TempDir Path folder) throws Exception {
    try (TinyServer other = TinyServer.start(folder);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      String endless = "{\"prompt\": \"a\", \"max_tokens\": 500, \"n\": 60, \"ignore_eos\": true}";
      Future<TinyServer.Reply> answer = threads.submit(() -> other.post("/completions", endless));
      while (other.metric("lengthwise_texts_running") == 0) {
        Thread.onSpinWait();
      }
      assertThat(other.server.stop(Duration.ZERO)).isPositive();
      assertThat(answer.get().status()).isEqualTo(503);
    }
  }

  @Test
  void aServerThatStopsWaitsUntilItsAnswersAreRead(@TempDir Path folder) throws Exception {
    try (TinyServer other = TinyServer.start(folder);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Socket client = client(other)) {
      InputStream in = client.getInputStream();
      assertThat(in.read()).as("the answer begins").isEqualTo('H');
      Future<?> stop =
          threads.submit(
              () -> {
                int left = other.server.stop(Duration.ofSeconds(60));
                other.server.close();
                return left;
              });
      Thread.sleep(500); // nothing but this answer is left, and most of it was not read
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).endsWith("}");
      assertThat(stop.get()).isEqualTo(0);
    }
  }

  // Asks for far more than the buffers of a socket hold.
  private static Socket client(TinyServer server) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(60_000);
    String body = "{\"prompt\": \"%s\", \"with_pieces\": true}".formatted("a".repeat(1_000_000));
    String head =
        "POST /tokenize HTTP/1.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
            .formatted(body.length());
    socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void aServerThatStopsTakesNothingNew(@TempDir Path folder) throws Exception {
    try (TinyServer other = TinyServer.start(folder);
        Socket open = new Socket(InetAddress.getLoopbackAddress(), other.port())) {
      assertThat(health(open)).startsWith("HTTP/1.1 200 ");
      assertThat(other.server.stop(Duration.ofSeconds(1))).isZero();
      assertThat(health(open)).startsWith("HTTP/1.1 503 ");
    }
  }

  private static String health(Socket open) throws IOException {
    open.getOutputStream()
        .write("GET /health HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    byte[] part = new byte[1000];
    return new String(part, 0, open.getInputStream().read(part), StandardCharsets.US_ASCII);
  }
}
