package dev.lengthwise.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonObjects;
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

/// A text as a file, with the keys and values that its model computed: who reads it goes on with
/// the same bits, and reads nothing again.
///
/// In this order: the mark `LWSTATE` and the version `1`; the length of the header (4 bytes) and
/// the header in JSON, what it is of ([StateOrigin]) and the text without its ids ([SavedText]);
/// the number of tokens and their ids, 4 bytes each; the number of those that were read (4), and
/// the layers, as [Sequence#write] has them; and SHA-256 of all that. Numbers are big-endian, keys
/// and values in the order of the processor.
///
/// @param path its place
public record StateFile(Path path) {

  private static final byte[] MARK = "LWSTATE".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = '1';
  private static final int BEGIN = MARK.length + 1; // bytes
  private static final int DIGEST = 32; // bytes

  /// A text with what is remembered of it.
  ///
  /// @param origin what it depends on
  /// @param text all of its tokens
  /// @param sequence that has read the first of them; whoever gets it closes it
  public record State(StateOrigin origin, SavedText text, Sequence sequence) {}

  /// Takes a text in, before its keys and values are read.
  @FunctionalInterface
  public interface Reader {

    /// The model under the method of a file.
    ///
    /// @throws LengthwiseException where the file is of something else than what is open here
    InferenceModel model(StateOrigin origin, SavedText text);
  }

  /// Whether a file that is there begins as one, of whatever version.
  ///
  /// @throws LengthwiseException when it cannot be read
  public boolean isOne() {
    if (!Files.isRegularFile(path)) {
      return false;
    }
    try (InputStream file = Files.newInputStream(path)) {
      return Arrays.equals(file.readNBytes(MARK.length), MARK);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /// Writes it whole, or leaves an older file untouched.
  ///
  /// @return bytes
  /// @throws LengthwiseException when it cannot be written, and of a kind of memory that is never
  ///     written
  public long write(State state) {
    byte[] header = header(state).toString().getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(
        path,
        channel -> {
          DigestOutputStream digested =
              new DigestOutputStream(
                  new BufferedOutputStream(Channels.newOutputStream(channel)), Sha256.digest());
          DataOutputStream out = new DataOutputStream(digested);
          out.write(MARK);
          out.write(VERSION);
          out.writeInt(header.length);
          out.write(header);
          out.writeInt(state.text().ids().length);
          for (int id : state.text().ids()) {
            out.writeInt(id);
          }
          out.writeInt(Math.toIntExact(state.sequence().length()));
          state.sequence().write(out);
          digested.on(false);
          out.write(digested.getMessageDigest().digest());
          out.flush();
        });
    return size();
  }

  private static ObjectNode header(State state) {
    ObjectNode header = JsonObjects.emptyObject();
    header.set("origin", state.origin().json());
    header.set("text", state.text().withoutIds());
    return header;
  }

  /// Bytes of the file.
  ///
  /// @throws LengthwiseException when there is none
  public long size() {
    try {
      return Files.size(path);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /// Reads what [#write] wrote, after its checksum was found right.
  ///
  /// @throws LengthwiseException when it is absent, damaged or refused
  public State read(Reader reader) {
    requireWhole();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
      in.skipNBytes(BEGIN);
      byte[] json = new byte[count(in, 1)];
      in.readFully(json);
      ObjectNode header = JsonObjects.parse(JsonObjects.STRICT, path, "header", json);
      int[] ids = new int[count(in, Integer.BYTES)];
      for (int at = 0; at < ids.length; at++) {
        ids[at] = in.readInt();
        if (ids[at] < 0) {
          throw damaged("its token %d is %d".formatted(at, ids[at]));
        }
      }
      SavedText text = SavedText.of(path, header.path("text"), ids);
      StateOrigin origin = StateOrigin.of(header.path("origin"));
      InferenceModel model = reader.model(origin, text);
      int read = in.readInt();
      if (read < 0 || read > ids.length) {
        throw damaged("%d of its %d tokens were read".formatted(read, ids.length));
      }
      return new State(origin, text, model.readSequence(in, read));
    } catch (IOException e) {
      throw damaged(FileReason.of(e));
    }
  }

  // A number of things, of so many bytes each, which is not more than the file can hold.
  private int count(DataInputStream in, int bytes) throws IOException {
    int count = in.readInt();
    if (count < 0 || (long) count * bytes > size()) {
      throw damaged("it has no room for what it says of its length");
    }
    return count;
  }

  private void requireWhole() {
    long content = size() - DIGEST;
    if (content < BEGIN) {
      throw damaged("it is too short");
    }
    MessageDigest digest = Sha256.digest();
    try (InputStream file = new BufferedInputStream(Files.newInputStream(path));
        DigestInputStream in = new DigestInputStream(file, digest)) {
      if (!Arrays.equals(in.readNBytes(MARK.length), MARK)) {
        throw damaged("it does not begin as one");
      }
      int version = in.read();
      if (version != VERSION) {
        throw new LengthwiseException(
            "%s was saved by another version: it has the format %s, and this program reads %s; read the text again"
                .formatted(name(), (char) version, (char) VERSION));
      }
      digest(in, content - BEGIN);
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

  /// Its name, without its folder: a server tells it to whoever asks.
  public String name() {
    return String.valueOf(path.getFileName());
  }

  private LengthwiseException damaged(String why) {
    return new LengthwiseException(
        "%s is no saved state, or a damaged one: %s; read the text again".formatted(name(), why));
  }

  private LengthwiseException unreadable(IOException e) {
    return e instanceof NoSuchFileException
        ? new LengthwiseException("There is no file %s".formatted(name()))
        : new LengthwiseException(
            "File %s cannot be read: %s".formatted(path, FileReason.of(e)), e);
  }
}
