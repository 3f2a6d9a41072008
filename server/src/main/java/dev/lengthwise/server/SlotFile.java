package dev.lengthwise.server;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.batch.KeptPrompt;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.io.AtomicFile;
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
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;

/// The begin of a prompt as a file, with the keys and values that its model computed.
///
/// In this order: the mark `LWSLOT01`; what it is of, in JSON ([SlotOrigin]); the number of tokens
/// and their ids, 4 bytes each; the layers, as [dev.lengthwise.generate.Sequence#write] has them;
/// and SHA-256 of all that. Numbers are big-endian, keys and values in the order of the processor.
record SlotFile(Path path) {

  private static final byte[] MARK = "LWSLOT01".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGEST = 32; // bytes

  /// Finds what a file belongs to.
  @FunctionalInterface
  interface Models {

    /// The model under the method of a file.
    ///
    /// @throws LengthwiseException where the file is of something else than what is served
    InferenceModel of(SlotOrigin origin);
  }

  /// Writes it whole, or leaves an older file untouched.
  ///
  /// @return bytes
  /// @throws LengthwiseException of another file of that name, and of a prompt that cannot be saved
  /// @throws ApiException when the place cannot be written
  long write(SlotOrigin origin, KeptPrompt prompt) {
    requireReplaceable();
    try {
      writeWhole(origin, prompt);
    } catch (LengthwiseException e) {
      if (e.getCause() instanceof IOException) {
        throw ApiException.ofServer("The slot cannot be written", e);
      }
      throw e;
    }
    return size();
  }

  // Models may lie in the same folder.
  private void requireReplaceable() {
    if (Files.exists(path) && !isOurs()) {
      throw new LengthwiseException(
          "%s is no saved slot and stays as it is; take another name"
              .formatted(path.getFileName()));
    }
  }

  private boolean isOurs() {
    if (!Files.isRegularFile(path)) {
      return false;
    }
    try (InputStream file = Files.newInputStream(path)) {
      return Arrays.equals(file.readNBytes(MARK.length), MARK);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private void writeWhole(SlotOrigin origin, KeptPrompt prompt) {
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
  /// @throws LengthwiseException when it is absent, damaged, of another model, or too long
  /// @throws ApiException when the place cannot be read
  KeptPrompt read(Models models, int mostTokens) {
    requireWhole();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
      in.readNBytes(MARK.length);
      SlotOrigin origin = SlotOrigin.of(in.readUTF());
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

  private RuntimeException unreadable(IOException e) {
    return e instanceof NoSuchFileException
        ? new LengthwiseException("There is no slot %s".formatted(path.getFileName()))
        : ApiException.ofServer("The slot cannot be read", e);
  }
}
