package dev.lengthwise.torch;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.CodeSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/// The folder into which JavaCPP unpacks native libraries (`~/.javacpp/cache`), kept whole.
///
/// JavaCPP trusts what it finds there. A first start that is ended half-way leaves half a library,
/// and each later start would die in it without a word; so would one of two first starts at once.
/// Here whoever unpacks holds a lock of the system, which ends with its process, and writes a
/// record of what it unpacked once all of it is loaded. Files that no valid record vouches for are
/// unpacked again.
///
/// @param folder JavaCPP's folder
/// @param archives beginnings of the names of the folders that belong to this version
/// @param record what is unpacked for one set of libraries: a line `size modified path` for a file
record NativeCache(Path folder, List<String> archives, Path record) {

  private static final String RECORD = ".lengthwise";

  /// What JavaCPP unpacks for some of its classes.
  ///
  /// @param name of the set, in the name of its record
  /// @throws LengthwiseException when there is no such folder and none can be made
  static NativeCache of(String name, Class<?>... owners) {
    try {
      Path folder = Loader.getCacheDir().toPath();
      List<String> archives = Stream.of(owners).map(NativeCache::archive).distinct().toList();
      String set =
          Stream.concat(Stream.of(name, Loader.getPlatform()), archives.stream())
              .collect(Collectors.joining("-"));
      return new NativeCache(folder, archives, folder.resolve(set + RECORD));
    } catch (IOException failure) {
      throw new LengthwiseException(
          "The native libraries cannot be unpacked: %s; make the home folder writable or name a folder with LENGTHWISE_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=FOLDER."
              .formatted(failure.getMessage()),
          failure);
    }
  }

  // JavaCPP names a folder after the jar with the library, whose name begins as that of the
  // classes.
  private static String archive(Class<?> owner) {
    CodeSource source = owner.getProtectionDomain().getCodeSource();
    try {
      URI location = source.getLocation().toURI();
      String name = String.valueOf(Path.of(location).getFileName());
      return name.endsWith(".jar") ? name.substring(0, name.length() - 4) : name;
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the jar of " + owner + " has no address", e);
    }
  }

  /// Unpacks and loads libraries.
  ///
  /// @param libraries loads them; may unpack
  /// @throws LengthwiseException when they cannot be unpacked or loaded
  void load(Runnable libraries) {
    try {
      if (isWhole()) {
        libraries.run();
        return;
      }
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve(".lengthwise.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock _ = channel.lock()) {
        boolean unpacks = !isWhole(); // another process may have unpacked meanwhile
        if (unpacks) {
          removeDoubtful();
        }
        libraries.run();
        if (unpacks) {
          write();
        }
      }
    } catch (IOException | UncheckedIOException | LinkageError failure) {
      throw new LengthwiseException(reason(failure), failure);
    }
  }

  private String reason(Throwable failure) {
    String cause = failure.toString().lines().findFirst().orElse("");
    return "The native libraries cannot be loaded from %s, where %d MB are free: %s. Unpacking takes 500 MB; make room, or delete the folder so that it is filled anew, or name another with LENGTHWISE_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=FOLDER."
        .formatted(folder, folder.toFile().getUsableSpace() >> 20, cause);
  }

  private boolean isWhole() {
    return vouched(record).isPresent();
  }

  // The files of a record, if all are there as they were.
  private Optional<Set<Path>> vouched(Path list) {
    try {
      Set<String> lines = Set.copyOf(Files.readAllLines(list));
      Set<Path> files =
          lines.stream()
              .map(line -> folder.resolve(line.substring(line.lastIndexOf('\t') + 1)))
              .collect(Collectors.toSet());
      for (Path file : files) {
        if (!lines.contains(line(file))) {
          return Optional.empty();
        }
      }
      return files.isEmpty() ? Optional.empty() : Optional.of(files);
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  private String line(Path file) throws IOException {
    return "%d\t%d\t%s"
        .formatted(
            Files.size(file), Files.getLastModifiedTime(file).toMillis(), folder.relativize(file));
  }

  private void removeDoubtful() throws IOException {
    Set<Path> sure;
    try (Stream<Path> lists = Files.list(folder)) {
      sure =
          lists
              .filter(file -> file.toString().endsWith(RECORD))
              .flatMap(list -> vouched(list).stream())
              .flatMap(Set::stream)
              .collect(Collectors.toSet());
    }
    for (Path file : unpacked()) {
      if (!sure.contains(file)) {
        Files.delete(file);
      }
    }
  }

  // Links to libraries elsewhere are left out: JavaCPP makes them anew where they are wrong.
  private List<Path> unpacked() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .filter(file -> archives.stream().anyMatch(name -> relative(file).startsWith(name)))
          .toList();
    }
  }

  private String relative(Path file) {
    return folder.relativize(file).toString();
  }

  private void write() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Path file : unpacked()) {
      lines.append(line(file)).append('\n');
    }
    Path temporary = record.resolveSibling(record.getFileName() + ".tmp"); // ours: the lock is held
    Files.writeString(temporary, lines, StandardCharsets.UTF_8);
    Files.move(
        temporary, record, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
