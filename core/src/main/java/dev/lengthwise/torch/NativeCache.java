package dev.lengthwise.torch;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.CodeSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
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
/// @param record what is unpacked for one set of libraries: a line `size modified path` for a file,
///     and a line `name path` for a library that was loaded from one
record NativeCache(Path folder, List<String> archives, Path record) {

  private static final String RECORD = ".lengthwise";
  private static final String SEPARATOR = "\t";
  private static final int PARTS_OF_A_LIBRARY = 2;
  private static final String FIND_LIBRARIES = "org.bytedeco.javacpp.findLibraries";

  /// Spares JavaCPP its search, where a record says what it would find.
  ///
  /// It asks every jar of the class path for each of some thirty libraries, most of them of CUDA:
  /// one second of CPU time. It reads the property once, so this must come before its first use,
  /// and is for a process in which nobody else uses JavaCPP.
  ///
  /// @param name of the set
  static void spareSearch(String name, Class<?>... owners) {
    String home = System.getProperty("user.home", "");
    Path folder =
        Path.of(System.getProperty("org.bytedeco.javacpp.cachedir", home + "/.javacpp/cache"));
    if (!hasGpuBuild() && !in(folder, name, owners).libraries().isEmpty()) {
      System.setProperty(FIND_LIBRARIES, "false");
    }
  }

  // Its libraries have the names of the others, and replace them.
  private static boolean hasGpuBuild() {
    String library = System.mapLibraryName("jnitorch");
    return Loader.class.getResource(
            "/org/bytedeco/pytorch/%s-gpu/%s".formatted(platform(), library))
        != null;
  }

  // As JavaCPP finds it, which would begin to read its other properties.
  private static String platform() {
    return System.getProperty("org.bytedeco.javacpp.platform", Loader.Detector.getPlatform());
  }

  /// What JavaCPP unpacks for some of its classes.
  ///
  /// @param name of the set, in the name of its record
  /// @throws LengthwiseException when there is no such folder and none can be made
  static NativeCache of(String name, Class<?>... owners) {
    try {
      return in(Loader.getCacheDir().toPath(), name, owners);
    } catch (IOException failure) {
      throw new LengthwiseException(
          "The native libraries cannot be unpacked: %s; make the home folder writable or name a folder with LENGTHWISE_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=FOLDER."
              .formatted(failure.getMessage()),
          failure);
    }
  }

  private static NativeCache in(Path folder, String name, Class<?>... owners) {
    List<String> archives = Stream.of(owners).map(NativeCache::archive).distinct().toList();
    String set =
        Stream.concat(Stream.of(name, platform()), archives.stream())
            .collect(Collectors.joining("-"));
    return new NativeCache(folder, archives, folder.resolve(set + RECORD));
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
  /// @param libraries loads what is wanted
  /// @param all loads, and so unpacks, all that one record shall vouch for
  /// @param loaded where each library was loaded from, by its name, afterwards
  /// @throws LengthwiseException when they cannot be unpacked or loaded
  void load(Runnable libraries, Runnable all, Supplier<Map<String, String>> loaded) {
    try {
      if (isWhole()) {
        loadWhole(libraries);
        return;
      }
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve(".lengthwise.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock _ = channel.lock()) {
        if (isWhole()) { // another process has unpacked meanwhile
          loadWhole(libraries);
        } else {
          removeDoubtful();
          all.run();
          write(loaded.get());
        }
      }
    } catch (IOException | UncheckedIOException | LinkageError failure) {
      throw new LengthwiseException(reason(failure), failure);
    }
  }

  private void loadWhole(Runnable libraries) throws MalformedURLException {
    if (!Boolean.parseBoolean(System.getProperty(FIND_LIBRARIES, "true"))) {
      loadUnsought();
    }
    libraries.run();
  }

  private String reason(Throwable failure) {
    String cause = failure.toString().lines().findFirst().orElse("");
    return "The native libraries cannot be loaded from %s, where %d MB are free: %s. Unpacking takes 500 MB; make room, or delete the folder so that it is filled anew, or name another with LENGTHWISE_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=FOLDER."
        .formatted(folder, folder.toFile().getUsableSpace() >> 20, cause);
  }

  private boolean isWhole() {
    return vouched(record).isPresent();
  }

  /// The libraries of the record by their names; none where it does not hold.
  Map<String, Path> libraries() {
    try {
      return isWhole()
          ? Files.readAllLines(record).stream()
              .map(line -> line.split(SEPARATOR, -1))
              .filter(parts -> parts.length == PARTS_OF_A_LIBRARY)
              .collect(Collectors.toMap(parts -> parts[0], parts -> folder.resolve(parts[1])))
          : Map.of();
    } catch (IOException absent) {
      return Map.of();
    }
  }

  // JavaCPP takes what is loaded already under its name. A library that needs another one fails
  // until that one is there.
  private void loadUnsought() throws MalformedURLException {
    Map<String, Path> left = new HashMap<>(libraries());
    int before = Integer.MAX_VALUE;
    while (!left.isEmpty() && left.size() < before) {
      before = left.size();
      for (Map.Entry<String, Path> library : List.copyOf(left.entrySet())) {
        try {
          URL[] place = {library.getValue().toUri().toURL()};
          Loader.loadLibrary(Loader.class, place, library.getKey());
          left.remove(library.getKey());
        } catch (UnsatisfiedLinkError _) {
          // Tried again in the next round; what fails then, JavaCPP will report.
        }
      }
    }
  }

  // The files of a record, if all are there as they were.
  private Optional<Set<Path>> vouched(Path list) {
    try {
      Set<String> lines = Set.copyOf(Files.readAllLines(list));
      Set<Path> files =
          lines.stream()
              .map(line -> folder.resolve(line.substring(line.lastIndexOf(SEPARATOR) + 1)))
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

  private void write(Map<String, String> loaded) throws IOException {
    StringBuilder lines = new StringBuilder();
    List<Path> files = unpacked();
    for (Path file : files) {
      lines.append(line(file)).append('\n');
    }
    loaded.forEach(
        (name, place) -> {
          if (files.contains(Path.of(place))) {
            String file = relative(Path.of(place));
            lines.append(name).append(SEPARATOR).append(file).append('\n');
          }
        });
    Path temporary = record.resolveSibling(record.getFileName() + ".tmp"); // ours: the lock is held
    Files.writeString(temporary, lines, StandardCharsets.UTF_8);
    Files.move(
        temporary, record, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
