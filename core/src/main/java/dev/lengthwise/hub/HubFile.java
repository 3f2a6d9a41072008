package dev.lengthwise.hub;

import dev.lengthwise.LengthwiseException;

/// A file of a model on the hub.
///
/// The name of its content is a checksum: SHA-256 of large files (those of Git LFS), and of the
/// others what Git names a blob, SHA-1 of `blob SIZE\0` and the bytes.
///
/// @param path in the folder of the model, with slashes
/// @param size in bytes
/// @param etag checksum in lower-case hexadecimal, the name of the file under `blobs`
public record HubFile(String path, long size, String etag) {

  private static final String SHA256 = "[0-9a-f]{64}";
  private static final String SHA1 = "[0-9a-f]{40}";

  /// Refuses what leads out of the folder, or names no checksum: it comes from outside.
  public HubFile {
    boolean inside =
        !path.isEmpty()
            && path.indexOf('\\') < 0
            && path.indexOf('\0') < 0
            && !("/" + path + "/").matches(".*/\\.{0,2}/.*");
    if (!inside || size < 0 || !etag.matches(SHA256 + "|" + SHA1)) {
      throw new LengthwiseException(
          "The hub lists a file that cannot be kept: path '%s', %d bytes, checksum '%s'; expected a path within the model and a checksum in hexadecimal"
              .formatted(path, size, etag));
    }
  }

  /// Whether the checksum is SHA-256 of the bytes, rather than Git's.
  boolean isLarge() {
    return etag.matches(SHA256);
  }
}
