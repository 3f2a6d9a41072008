package dev.lengthwise.hub;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Brings the bytes of one file into the cache: what an interrupted transfer has left is kept, and
/// the whole is checked before it gets its name.
///
/// @param client the hub
/// @param cache where bytes go
/// @param patience how often to try
/// @param progress is told of every part
record BlobTransfer(HubClient client, HubCache cache, Patience patience, PullProgress progress) {

  private static final int PART = 1 << 18;

  /// Brings `file`, trying again where a connection breaks.
  ///
  /// @throws LengthwiseException when patience is exhausted or the bytes are not those of the list
  void run(String id, String commit, HubFile file) {
    Path partial = cache.partialBlob(id, file);
    patience.persist(
        () -> {
          bring(id, commit, file, partial);
          return Files.move(partial, cache.blob(id, file), StandardCopyOption.REPLACE_EXISTING);
        },
        () -> sizeOf(partial),
        failure ->
            new LengthwiseException(
                "File %s of %s did not come whole: %s; run the same command again, it goes on where it stopped"
                    .formatted(file.path(), id, HubPull.reason(failure)),
                failure));
  }

  private void bring(String id, String commit, HubFile file, Path partial) throws IOException {
    long there = sizeOf(partial);
    if (there > file.size()) {
      Files.delete(partial);
      there = 0;
    }
    progress.accept(file.path(), there, file.size());
    if (there < file.size() || !Files.exists(partial)) {
      fetch(id, commit, file, partial, there);
    }
    String checksum = checksum(file, partial);
    if (!checksum.equals(file.etag())) {
      Files.delete(partial);
      throw new IOException("its checksum is " + checksum + ", expected " + file.etag());
    }
  }

  private void fetch(String id, String commit, HubFile file, Path partial, long there)
      throws IOException {
    HttpResponse<InputStream> response = client.open(id, commit, file, there);
    try (SilenceGuard body = new SilenceGuard(response.body(), patience.silence())) {
      boolean goesOn = response.statusCode() == 206 && startsAt(response, there);
      if (!goesOn && response.statusCode() != 200) {
        Files.deleteIfExists(partial); // the next attempt starts over
        throw new IOException("the hub does not send the rest");
      }
      StandardOpenOption mode =
          goesOn ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
      try (OutputStream out =
          Files.newOutputStream(
              partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE, mode)) {
        copy(body, out, file, goesOn ? there : 0);
      }
    }
  }

  // A server may send another part than was asked for.
  private static boolean startsAt(HttpResponse<InputStream> response, long first) {
    return response
        .headers()
        .firstValue("Content-Range")
        .orElse("")
        .startsWith("bytes " + first + "-");
  }

  private void copy(SilenceGuard body, OutputStream out, HubFile file, long first)
      throws IOException {
    byte[] part = new byte[PART];
    long done = first;
    for (int count = body.read(part); count >= 0; count = body.read(part)) {
      if (done + count > file.size()) {
        throw new IOException("more bytes come than the " + file.size() + " of the list");
      }
      out.write(part, 0, count);
      done += count;
      progress.accept(file.path(), done, file.size());
    }
    if (done < file.size()) {
      throw new IOException(
          "the connection ended after %d of %d bytes".formatted(done, file.size()));
    }
  }

  private static String checksum(HubFile file, Path content) throws IOException {
    MessageDigest digest = file.isLarge() ? Sha256.digest() : gitDigest(file.size());
    byte[] part = new byte[PART];
    try (InputStream in = Files.newInputStream(content)) {
      for (int count = in.read(part); count >= 0; count = in.read(part)) {
        digest.update(part, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  // Git's name of a blob covers its size.
  private static MessageDigest gitDigest(long size) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
      return digest;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-1", e);
    }
  }

  /// Bytes of a file; 0 where there is none.
  static long sizeOf(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
