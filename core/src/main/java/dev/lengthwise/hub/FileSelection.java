package dev.lengthwise.hub;

import dev.lengthwise.LengthwiseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Which files of a model are fetched: what it takes to run it, and nothing else.
///
/// Repositories often hold the same weights several times: pickled, for other programs, in other
/// precisions.
final class FileSelection {

  private static final String INDEX = "model.safetensors.index.json";
  private static final String WHOLE = "model.safetensors";
  private static final String SHARD = "model-\\d+-of-\\d+\\.safetensors";

  // Settings, tokenizers and templates of the folder, and the heads of sentence models.
  private static final String DESCRIPTION =
      "[^/]+\\.(json|jinja|model)|(merges|vocab|added_tokens)\\.txt"
          + "|additional_chat_templates/[^/]+\\.jinja"
          + "|\\d+_\\w+/(config\\.json|model\\.safetensors)";

  private FileSelection() {}

  /// The files of `name` to fetch, small ones first, so that a wrong model is known early.
  ///
  /// @throws LengthwiseException when the model has no weights that are read here
  static List<HubFile> of(HubName name, List<HubFile> files) {
    List<HubFile> chosen =
        new ArrayList<>(matching(files, file -> file.path().matches(DESCRIPTION)));
    List<HubFile> weights = weights(name, files);
    if (weights.isEmpty()) {
      throw new LengthwiseException(
          "%s has no weights in safetensors or GGUF, only %s; weights that PyTorch has pickled are not read"
              .formatted(name, files.stream().map(HubFile::path).limit(20).toList()));
    }
    chosen.addAll(weights);
    return List.copyOf(chosen);
  }

  private static List<HubFile> weights(HubName name, List<HubFile> files) {
    List<HubFile> safetensors = safetensors(files);
    if (!safetensors.isEmpty() && name.quantisation().isEmpty()) {
      return safetensors;
    }
    List<String> paths = files.stream().map(HubFile::path).toList();
    Optional<String> quantisation = name.quantisation();
    List<String> meant = GgufChoice.of(name.id(), quantisation, paths);
    return matching(files, file -> meant.contains(file.path()));
  }

  // The whole file, or the shards of the index; a repository may also have the weights of another
  // program (consolidated.safetensors) or of another precision (model.fp16.safetensors).
  private static List<HubFile> safetensors(List<HubFile> files) {
    List<HubFile> whole = matching(files, file -> file.path().equals(WHOLE));
    if (!whole.isEmpty()) {
      return whole;
    }
    boolean indexed = files.stream().anyMatch(file -> file.path().equals(INDEX));
    String form = indexed ? SHARD : "[^/]+\\.safetensors";
    return matching(files, file -> file.path().matches(form));
  }

  private static List<HubFile> matching(List<HubFile> files, Predicate<HubFile> condition) {
    return files.stream().filter(condition).toList();
  }
}
