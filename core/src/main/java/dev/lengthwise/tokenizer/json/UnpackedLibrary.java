package dev.lengthwise.tokenizer.json;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The tokenizers library as DJL unpacks it, once for each version, into a folder that it trusts.
///
/// DJL moves the folder to its name when it is complete, so that a process that ends meanwhile
/// leaves nothing. A disk that was full or lost its power may still leave half a file, in which
/// every later start would die without a word.
///
/// @param folder DJL's folder of tokenizers libraries
/// @param version beginning of the names of this version's folders
/// @param platform end of the names of this platform's folders
/// @param name of the library's file
/// @param bytes of the library
record UnpackedLibrary(Path folder, String version, String platform, String name, long bytes) {

  /// That of this version and platform; its size is that in the jar.
  static UnpackedLibrary here() {
    Platform platform = Platform.detectPlatform("tokenizers");
    String name = System.mapLibraryName("tokenizers");
    String place = "/native/lib/%s/cpu/%s".formatted(platform.getClassifier(), name);
    return new UnpackedLibrary(
        Utils.getEngineCacheDir("tokenizers"),
        platform.getVersion() + "-",
        "-" + platform.getClassifier(),
        name,
        sizeOf(LibUtils.class.getResource(place)));
  }

  // Below 0 where there is no such library: DJL says so itself.
  private static long sizeOf(URL resource) {
    try {
      return resource == null ? -1 : resource.openConnection().getContentLengthLong();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Deletes a library of another size, so that it is unpacked again.
  ///
  /// @throws UncheckedIOException when it cannot be deleted
  void deleteTorn() {
    try {
      for (Path file : files()) {
        if (bytes >= 0 && Files.size(file) != bytes) {
          Files.delete(file);
          Files.delete(file.getParent());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Path> files() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(folder)) {
      return folders
          .filter(own -> own.getFileName().toString().startsWith(version))
          .filter(own -> own.toString().endsWith(platform))
          .map(own -> own.resolve(name))
          .filter(Files::isRegularFile)
          .toList();
    }
  }
}
