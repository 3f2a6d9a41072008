package dev.lengthwise.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonObjects;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The folder in which Hugging Face programs keep what they fetched, shared with all of them.
///
/// ```text
/// models--ORGANISATION--NAME/blobs/ETAG                     the bytes, each content once
/// models--ORGANISATION--NAME/refs/REVISION                  the commit that a branch or tag means
/// models--ORGANISATION--NAME/snapshots/COMMIT/PATH          a link to ../../blobs/ETAG
/// ```
///
/// (`docs/hub/local-cache.md` of the hub's documentation.)
///
/// @param folder of all models
public record HubCache(Path folder) {

  static final String MAIN = "main";
  private static final String INDEX = "model.safetensors.index.json";

  /// The file or folder of a model in the cache, whole.
  ///
  /// A cache that was filled by commits, or copied, may have no references; the only snapshot is
  /// then meant.
  ///
  /// @param revision branch, tag or commit; empty: `main`
  /// @return empty where the cache has nothing of the model
  /// @throws LengthwiseException when it has other revisions, or only a part of the model
  public Optional<Path> find(HubName name, Optional<String> revision) {
    revision.ifPresent(HubCache::requireRevision);
    Optional<Path> snapshot = snapshot(name.id(), revision);
    snapshot.ifPresent(found -> requireWhole(name, revision, found));
    return snapshot.map(found -> weights(name, found));
  }

  /// Whether `text` has the form of a branch, tag or commit: a name of git, and no way out of the
  /// folder of the model.
  public static boolean isRevision(String text) {
    return text.matches("\\w[\\w./-]*") && !text.contains("..");
  }

  static void requireRevision(String text) {
    if (!isRevision(text)) {
      throw new LengthwiseException(
          "A revision is the name of a branch, tag or commit, found '" + text + "'");
    }
  }

  private Optional<Path> snapshot(String id, Optional<String> revision) {
    String wanted = revision.orElse(MAIN);
    String commit = commit(id, wanted).orElse(wanted);
    Path snapshots = modelFolder(id).resolve("snapshots");
    if (Files.isDirectory(snapshots.resolve(commit))) {
      return Optional.of(snapshots.resolve(commit));
    }
    List<Path> there = folders(snapshots);
    if (there.isEmpty() || (there.size() == 1 && revision.isEmpty())) {
      return there.stream().findFirst();
    }
    throw new LengthwiseException(
        "The hub cache has no revision '%s' of %s, only %s; name one with --revision, or fetch it with  ./lengthwise pull %s --revision %s"
            .formatted(wanted, id, there.stream().map(Path::getFileName).toList(), id, wanted));
  }

  // Files that a pull has not brought yet, or that were deleted by hand.
  private static void requireWhole(HubName name, Optional<String> revision, Path snapshot) {
    List<String> missing = missing(snapshot);
    if (!missing.isEmpty()) {
      throw new LengthwiseException(
          "The hub cache has %s only in part: %s %s missing in %s; fetch the rest with  ./lengthwise pull %s%s"
              .formatted(
                  name.id(),
                  missing.size() > 3 ? missing.size() + " files" : String.join(", ", missing),
                  missing.size() == 1 ? "is" : "are",
                  snapshot,
                  name,
                  revision.map(text -> " --revision " + text).orElse("")));
    }
  }

  private static List<String> missing(Path snapshot) {
    TreeSet<String> missing = new TreeSet<>();
    Path index = snapshot.resolve(INDEX);
    if (Files.exists(index) && !Files.exists(snapshot.resolve("model.safetensors"))) {
      for (JsonNode shard : JsonObjects.readStrictObject(index).path("weight_map")) {
        missing.add(shard.asText());
      }
      missing.removeIf(shard -> Files.exists(snapshot.resolve(shard)));
    }
    for (String path : paths(snapshot)) {
      if (!Files.exists(snapshot.resolve(path))) { // a link to nothing
        missing.add(path);
      }
    }
    return List.copyOf(missing);
  }

  // Many models have a file for each quantisation; the folder is the model only where it is one.
  private static Path weights(HubName name, Path snapshot) {
    List<String> paths = paths(snapshot);
    boolean hasFolder = paths.stream().anyMatch(path -> path.endsWith(".safetensors"));
    if (hasFolder && name.quantisation().isEmpty()) {
      return snapshot;
    }
    return GgufChoice.of(name.id(), name.quantisation(), paths).stream()
        .findFirst()
        .map(snapshot::resolve)
        .orElse(snapshot);
  }

  /// The commit that a branch or tag means, as far as the cache knows.
  Optional<String> commit(String id, String revision) {
    try {
      // An empty file, as a full disk leaves it, names nothing.
      return Optional.of(Files.readString(reference(id, revision)).strip())
          .filter(text -> !text.isEmpty());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// Writes down what a branch or tag means; a commit needs no name.
  void refer(String id, String revision, String commit) {
    if (!revision.equals(commit)) {
      AtomicFile.writeText(reference(id, revision), writer -> writer.write(commit));
    }
  }

  private Path reference(String id, String revision) {
    return modelFolder(id).resolve("refs").resolve(revision);
  }

  /// Where the content of a file lies.
  Path blob(String id, HubFile file) {
    return modelFolder(id).resolve("blobs").resolve(file.etag());
  }

  /// Where the first bytes of a file lie until the others have come.
  Path partialBlob(String id, HubFile file) {
    return modelFolder(id).resolve("blobs").resolve(file.etag() + ".incomplete");
  }

  /// The folder whose lock keeps two pulls of one model apart.
  Path lockFolder(String id) {
    return folder.resolve(".locks").resolve(folderName(id));
  }

  /// Puts a file whose content is there into a snapshot: as a relative link, or as a copy on file
  /// systems without links.
  void link(String id, String commit, HubFile file) {
    Path link = modelFolder(id).resolve("snapshots").resolve(commit).resolve(file.path());
    Path parent = link.getParent();
    if (parent == null) {
      throw new IllegalArgumentException("a file of a snapshot lies in a folder");
    }
    try {
      Files.createDirectories(parent);
      if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(link);
      }
      Path blob = blob(id, file);
      try {
        Files.createSymbolicLink(link, parent.relativize(blob));
      } catch (UnsupportedOperationException | FileSystemException e) {
        Files.copy(blob, link);
      }
    } catch (IOException e) {
      throw new LengthwiseException(
          "File %s cannot be written: %s".formatted(link, FileReason.of(e)), e);
    }
  }

  /// Folder of one model.
  Path modelFolder(String id) {
    return folder.resolve(folderName(id));
  }

  private static String folderName(String id) {
    return "models--" + id.replace("/", "--");
  }

  private static List<Path> folders(Path folder) {
    try (Stream<Path> found = Files.list(folder)) {
      return found.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  // Paths of all files and links in a snapshot, with slashes.
  private static List<String> paths(Path snapshot) {
    try (Stream<Path> found = Files.walk(snapshot)) {
      return found
          .filter(path -> !Files.isDirectory(path))
          .map(path -> snapshot.relativize(path).toString().replace('\\', '/'))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new LengthwiseException(
          "Folder %s cannot be read: %s".formatted(snapshot, FileReason.of(e)), e);
    }
  }
}
