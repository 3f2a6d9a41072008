package dev.lengthwise.hub;

import dev.lengthwise.LengthwiseException;
import java.util.List;

/// The files of a model at one commit.
///
/// @param commit 40 hexadecimal digits
/// @param files in the order of the hub
public record HubListing(String commit, List<HubFile> files) {

  /// Checks the commit, which becomes the name of a folder.
  public HubListing {
    files = List.copyOf(files);
    if (!commit.matches("[0-9a-f]{40}")) {
      throw new LengthwiseException(
          "The hub names the commit '%s'; expected 40 hexadecimal digits".formatted(commit));
    }
  }
}
