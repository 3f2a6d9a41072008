package dev.lengthwise.hub;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.FolderLock;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Fetches a model of a hub into the cache.
///
/// What is there is not fetched again, and what was begun goes on. The branch is written down last,
/// so until all is there the cache means what it meant before.
///
/// @param settings the hub and the cache
/// @param patience how long to try
/// @param progress is told how far each file has come
public record HubPull(HubSettings settings, Patience patience, PullProgress progress) {

  /// Fetches a model; offline it only looks whether the model is there.
  ///
  /// @param wanted branch, tag or commit; empty: `main`
  /// @return its file or folder in the cache
  /// @throws LengthwiseException when it cannot be had
  public Path pull(HubName name, Optional<String> wanted) {
    String revision = wanted.orElse(HubCache.MAIN);
    HubCache.requireRevision(revision);
    HubCache cache = new HubCache(settings.cache());
    if (!settings.offline()) {
      try (HubClient client = new HubClient(settings, patience)) {
        HubListing whole = listing(client, name.id(), revision);
        List<HubFile> chosen = FileSelection.of(name, whole.files());
        fetch(client, cache, name.id(), new HubListing(whole.commit(), chosen));
        cache.refer(name.id(), revision, whole.commit());
      }
    }
    return cache
        .find(name, wanted)
        .orElseThrow(
            () ->
                new LengthwiseException(
                    "%s is not in the hub cache %s, and the network is not touched offline; pull it without --offline and HF_HUB_OFFLINE"
                        .formatted(name, settings.cache())));
  }

  private HubListing listing(HubClient client, String id, String revision) {
    return patience.persist(
        () -> client.listing(id, revision),
        () -> 0,
        failure ->
            new LengthwiseException(
                "The hub %s cannot be asked for %s: %s; check the network and HF_ENDPOINT"
                    .formatted(settings.endpoint(), id, reason(failure)),
                failure));
  }

  private void fetch(HubClient client, HubCache cache, String id, HubListing listing) {
    Path blobs = cache.modelFolder(id).resolve("blobs");
    try (FolderLock _ = FolderLock.of(cache.lockFolder(id))) {
      Files.createDirectories(blobs);
      List<HubFile> missing =
          listing.files().stream().filter(file -> !isThere(cache, id, file)).toList();
      requireSpace(cache, id, missing);
      BlobTransfer transfer = new BlobTransfer(client, cache, patience, progress);
      for (HubFile file : listing.files()) {
        if (missing.contains(file) && !isThere(cache, id, file)) { // two files may be equal
          transfer.run(id, listing.commit(), file);
        }
        cache.link(id, listing.commit(), file);
      }
    } catch (IOException e) {
      throw new LengthwiseException(
          "The hub cache %s cannot be written: %s; free some space, or name another folder in HF_HUB_CACHE"
              .formatted(blobs, FileReason.of(e)),
          e);
    }
  }

  private static boolean isThere(HubCache cache, String id, HubFile file) {
    Path blob = cache.blob(id, file);
    return Files.exists(blob) && BlobTransfer.sizeOf(blob) == file.size();
  }

  private static void requireSpace(HubCache cache, String id, List<HubFile> missing)
      throws IOException {
    double needed = 0; // sizes come from outside, and could exceed a long together
    for (HubFile file : missing) {
      needed += Math.max(0, file.size() - BlobTransfer.sizeOf(cache.partialBlob(id, file)));
    }
    long free = Files.getFileStore(cache.modelFolder(id)).getUsableSpace();
    if (needed > free) {
      throw new LengthwiseException(
          String.format(
              Locale.ROOT,
              "%s needs %.1f GB more in the hub cache %s, and its disk has %.1f GB left; free some"
                  + " space, or name another folder in HF_HUB_CACHE",
              id,
              needed / 1e9,
              cache.folder(),
              free / 1e9));
    }
  }

  /// Why a transfer failed, as a clause.
  static String reason(IOException failure) {
    return switch (failure) {
      case HttpTimeoutException _ -> "no answer came in time";
      case ConnectException _ -> "no connection to it";
      default -> FileReason.of(failure);
    };
  }
}
