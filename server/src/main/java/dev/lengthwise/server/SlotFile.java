package dev.lengthwise.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.batch.KeptPrompt;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.Sha256;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;

/// The begin of a prompt as a file, with the keys and values that its model computed.
///
/// In this order: the mark `LWSLOT01`; what it is of, in JSON ([Origin]); the number of tokens and
/// their ids, 4 bytes each; the layers, as [dev.lengthwise.generate.Sequence#write] has them; and
/// SHA-256 of all that. Numbers are big-endian, keys and values in the order of the processor.
record SlotFile(Path path) {

  private static final byte[] MARK = "LWSLOT01".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGEST = 32; // bytes

  /// What keys and values depend on beside the tokens.
  ///
  /// @param model SHA-256 of its weights
  /// @param shape what position methods see of it
  /// @param method position method with its parameters
  /// @param cacheType how keys and values are kept
  /// @param chunk most tokens that were read at once
  /// @param declared tokens of the whole prompt, where the method depends on that; else 0
  record Origin(
      String model, String shape, String method, String cacheType, int chunk, int declared) {

    String json() {
      return Json.object()
          .put("model", model)
          .put("shape", shape)
          .put("method", method)
          .put("cache_type", cacheType)
          .put("chunk", chunk)
          .put("declared", declared)
          .toString();
    }

    static Origin of(String json) {
      ObjectNode node = Json.read(json.getBytes(StandardCharsets.UTF_8));
      return new Origin(
          node.path("model").asText(),
          node.path("shape").asText(),
          node.path("method").asText(),
          node.path("cache_type").asText(),
          node.path("chunk").asInt(),
          node.path("declared").asInt());
    }
  }

  /// Finds the model under the method that a file is of.
  @FunctionalInterface
  interface Models {

    /// @throws LengthwiseException where the file is of something else than what is served
    InferenceModel of(Origin origin);
  }

  /// Writes it whole, or leaves an older file untouched.
  ///
  /// @return bytes
  /// @throws LengthwiseException when it cannot be written
  long write(Origin origin, KeptPrompt prompt) {
    AtomicFile.write(
        path,
        channel -> {
          DigestOutputStream digested =
              new DigestOutputStream(
                  new BufferedOutputStream(Channels.newOutputStream(channel)), Sha256.digest());
          DataOutputStream out = new DataOutputStream(digested);
          out.write(MARK);
          out.writeUTF(origin.json());
          out.writeInt(prompt.ids().length);
          for (int id : prompt.ids()) {
            out.writeInt(id);
          }
          prompt.sequence().write(out);
          digested.on(false);
          out.write(digested.getMessageDigest().digest());
          out.flush();
        });
    return size();
  }

  /// Bytes of the file.
  long size() {
    try {
      return Files.size(path);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /// Reads what [#write] wrote, after its checksum was found right.
  ///
  /// @param mostTokens that it may have
  /// @throws LengthwiseException when it is damaged, of another model, or too long
  KeptPrompt read(Models models, int mostTokens) {
    requireWhole();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
      in.readNBytes(MARK.length);
      Origin origin = Origin.of(in.readUTF());
      InferenceModel model = models.of(origin);
      int tokens = in.readInt();
      if (tokens <= 0 || tokens > mostTokens) {
        throw new LengthwiseException(
            "%s has %d tokens, and a text may have %d"
                .formatted(path.getFileName(), tokens, mostTokens));
      }
      int[] ids = new int[tokens];
      for (int at = 0; at < tokens; at++) {
        ids[at] = in.readInt();
      }
      return new KeptPrompt(origin.declared(), ids, model.readSequence(in, tokens));
    } catch (IOException e) {
      throw damaged(String.valueOf(e.getMessage()));
    }
  }

  private void requireWhole() {
    long content = size() - DIGEST;
    if (content < MARK.length) {
      throw damaged("it is too short");
    }
    MessageDigest digest = Sha256.digest();
    try (InputStream file = new BufferedInputStream(Files.newInputStream(path));
        DigestInputStream in = new DigestInputStream(file, digest)) {
      if (!Arrays.equals(in.readNBytes(MARK.length), MARK)) {
        throw damaged("it does not begin as one");
      }
      digest(in, content - MARK.length);
      if (!Arrays.equals(file.readNBytes(DIGEST), digest.digest())) {
        throw damaged("its checksum is wrong");
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static void digest(DigestInputStream in, long bytes) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long left = bytes;
    while (left > 0) {
      int read = in.readNBytes(buffer, 0, (int) Math.min(left, buffer.length));
      if (read == 0) {
        throw new EOFException("it has become shorter");
      }
      left -= read;
    }
  }

  private LengthwiseException damaged(String why) {
    return new LengthwiseException(
        "%s is no saved slot, or a damaged one: %s".formatted(path.getFileName(), why));
  }

  private LengthwiseException unreadable(IOException e) {
    return new LengthwiseException(
        "%s cannot be read: %s".formatted(path.getFileName(), FileReason.of(e)), e);
  }
}
