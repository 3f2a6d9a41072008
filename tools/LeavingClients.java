import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;

/// Clients that leave a server at random moments, and what it holds afterwards.
///
///     java tools/LeavingClients.java PORT PID CLIENTS MINUTES
///
/// Each client sends a prompt of random length, waits up to two seconds, one in eight times up to
/// twenty, leaves by FIN or RST, and comes again. Prints the memory of the process (VmRSS) and the
/// gauges of `/metrics` each minute, and once more after all have left. Ends with 1 where a gauge
/// other than that of the prefix cache is not 0 then.
public final class LeavingClients {

  private static final String HELD =
      "lengthwise_(texts_running|texts_waiting|tokens_reserved|cache_bytes|cache_bytes_reserved)";

  private LeavingClients() {}

  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    Path status = Path.of("/proc", arguments[1], "status");
    int clients = Integer.parseInt(arguments[2]);
    Instant end = Instant.now().plus(Duration.ofMinutes(Long.parseLong(arguments[3])));
    LongAdder sent = new LongAdder();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int n = 0; n < clients; n++) {
        SplittableRandom random = new SplittableRandom(n);
        threads.submit(() -> comeAndGo(port, random, end, sent));
      }
      while (Instant.now().isBefore(end)) {
        print(port, status, sent);
        Thread.sleep(Duration.ofMinutes(1));
      }
    }
    Instant patience = Instant.now().plus(Duration.ofMinutes(1));
    while (held(port) && Instant.now().isBefore(patience)) {
      Thread.sleep(100);
    }
    print(port, status, sent);
    System.exit(held(port) ? 1 : 0);
  }

  private static void comeAndGo(int port, SplittableRandom random, Instant end, LongAdder sent) {
    while (Instant.now().isBefore(end)) {
      String prompt = "int a; ".repeat(random.nextInt(1, 300));
      String body =
          "{\"prompt\": \"%s\", \"max_tokens\": 400, \"ignore_eos\": true, \"stream\": %s}"
              .formatted(prompt, random.nextBoolean());
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoLinger(random.nextBoolean(), 0);
        String head = "POST /v1/completions HTTP/1.1\r\nContent-Length: " + body.length();
        socket
            .getOutputStream()
            .write((head + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII));
        sent.increment();
        Thread.sleep(random.nextInt(random.nextInt(8) == 0 ? 20_000 : 2000));
      } catch (IOException e) {
        // The server closes connections beyond its limit; the next one may have a place.
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static String metrics(int port) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI address = URI.create("http://127.0.0.1:" + port + "/metrics");
      return client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString()).body();
    }
  }

  private static boolean held(int port) throws IOException, InterruptedException {
    return metrics(port).lines().anyMatch(line -> line.matches(HELD + " .*[1-9].*"));
  }

  private static void print(int port, Path status, LongAdder sent)
      throws IOException, InterruptedException {
    String memory =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("VmRSS"))
            .findFirst()
            .orElse("VmRSS unknown");
    System.out.println(Instant.now() + " " + memory.replaceAll("\\s+", " ") + ", sent " + sent);
    metrics(port)
        .lines()
        .filter(line -> line.matches("lengthwise_(texts|tokens_res|cache|prefix|clients).*"))
        .forEach(line -> System.out.println("  " + line));
  }
}
