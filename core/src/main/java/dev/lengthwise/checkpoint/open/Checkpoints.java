package dev.lengthwise.checkpoint.open;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.LittleEndian;
import dev.lengthwise.checkpoint.MappedFiles;
import dev.lengthwise.checkpoint.gguf.GgufFile;
import dev.lengthwise.checkpoint.gguf.GgufLayout;
import dev.lengthwise.checkpoint.llama2c.Llama2cFile;
import dev.lengthwise.checkpoint.safetensors.SafetensorsFile;
import dev.lengthwise.io.FileReason;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Opens a checkpoint of any format that is read here.
public final class Checkpoints {

  private static final int SHOWN_BYTES = 8;

  /// The formats, in the order in which a file's content is compared with them.
  private enum Format {
    GGUF,
    LLAMA2C,
    SAFETENSORS;

    Checkpoint open(Path path) {
      Function<Path, Checkpoint> opener =
          switch (this) {
            case GGUF -> GgufFile::open;
            case LLAMA2C -> Llama2cFile::open;
            case SAFETENSORS -> SafetensorsFile::open;
          };
      return opener.apply(path);
    }
  }

  private Checkpoints() {}

  /// Opens a weight file by its content, or the one checkpoint of a folder.
  ///
  /// In a folder, `model.safetensors` or its index comes first, as in Hugging Face programs;
  /// otherwise exactly one file must be a checkpoint. Throws [LengthwiseException] when nothing is
  /// there, nothing is recognised, or there are several candidates.
  public static Checkpoint open(Path path) {
    if (!Files.exists(path)) {
      throw new LengthwiseException(
          "Model " + path + " does not exist; name a weight file or a folder that holds one.");
    }
    return Files.isDirectory(path) ? openFolder(path) : openFile(path);
  }

  private static Checkpoint openFile(Path file) {
    return formatOf(file).or(() -> formatByName(file)).orElseThrow(() -> unknown(file)).open(file);
  }

  private static Checkpoint openFolder(Path folder) {
    if (Files.exists(folder.resolve(SafetensorsFile.SINGLE))
        || Files.exists(folder.resolve(SafetensorsFile.INDEX))) {
      return SafetensorsFile.open(folder);
    }
    List<Path> files = filesOf(folder);
    if (files.isEmpty()) {
      throw new LengthwiseException("Folder " + folder + " holds no files; expected a model.");
    }
    List<Path> candidates =
        files.stream()
            .filter(file -> hasKnownEnding(file) && !GgufFile.isLaterPart(file))
            .filter(file -> formatOf(file).isPresent())
            .toList();
    requireIndex(folder, candidates);
    return switch (candidates.size()) {
      case 0 ->
          openFile( // a part of a GGUF file names the first one, which is missing
              files.stream()
                  .filter(GgufFile::isLaterPart)
                  .findFirst()
                  .orElseThrow(() -> nothingIn(folder, files)));
      case 1 -> openFile(candidates.getFirst());
      default ->
          throw new LengthwiseException(
              "Folder "
                  + folder
                  + " holds several models: "
                  + names(candidates)
                  + "; name one of them.");
    };
  }

  private static LengthwiseException nothingIn(Path folder, List<Path> files) {
    return new LengthwiseException(
        "Folder %s holds no safetensors, GGUF or llama2.c file; found %s.%s"
            .formatted(folder, names(files), adviceFor(files)));
  }

  // Files of PyTorch are no weights that are read: unpickling them may run any program.
  private static String adviceFor(List<Path> files) {
    if (files.stream().anyMatch(file -> file.toString().matches(".*\\.(bin|pt|pth)"))) {
      return " Weights that PyTorch has pickled are not read; convert them to safetensors.";
    }
    return files.stream().anyMatch(Checkpoints::hasKnownEnding)
        ? ""
        : " Its weights are missing; fetch them.";
  }

  // Shards of one model are no several models.
  private static void requireIndex(Path folder, List<Path> candidates) {
    List<Path> shards =
        candidates.stream()
            .filter(file -> file.toString().matches(".*-\\d{5}-of-\\d{5}\\.safetensors"))
            .toList();
    if (!shards.isEmpty() && shards.size() == candidates.size()) {
      throw new LengthwiseException(
          "Folder %s holds %d shards of one model and no %s, which says where each tensor is; fetch it from the place of the shards."
              .formatted(folder, shards.size(), SafetensorsFile.INDEX));
    }
  }

  private static List<Path> filesOf(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new LengthwiseException("Folder " + folder + " cannot be read: " + FileReason.of(e), e);
    }
  }

  private static String names(List<Path> files) {
    return files.stream()
        .map(file -> String.valueOf(file.getFileName()))
        .collect(Collectors.joining(", "));
  }

  private static boolean hasKnownEnding(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(safetensors|gguf|bin)");
  }

  /// The format that the content of a file says.
  private static Optional<Format> formatOf(Path file) {
    try (MappedFiles files = new MappedFiles()) {
      MemorySegment bytes = files.map(file);
      if (bytes.byteSize() >= Integer.BYTES && bytes.get(LittleEndian.I32, 0) == GgufLayout.MAGIC) {
        return Optional.of(Format.GGUF);
      }
      if (Llama2cFile.recognises(file, bytes)) {
        return Optional.of(Format.LLAMA2C);
      }
      boolean json =
          bytes.byteSize() > Long.BYTES && bytes.get(ValueLayout.JAVA_BYTE, Long.BYTES) == '{';
      return json ? Optional.of(Format.SAFETENSORS) : Optional.empty();
    }
  }

  /// The format that a damaged file was meant to have, whose reader says what is wrong with it.
  private static Optional<Format> formatByName(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".safetensors")) {
      return Optional.of(Format.SAFETENSORS);
    }
    return name.endsWith(".gguf") ? Optional.of(Format.GGUF) : Optional.empty();
  }

  private static LengthwiseException unknown(Path file) {
    try (MappedFiles files = new MappedFiles()) {
      MemorySegment bytes = files.map(file);
      if (bytes.byteSize() == 0) {
        return new LengthwiseException(
            "File " + file + " is empty; expected a safetensors, GGUF or llama2.c checkpoint.");
      }
      byte[] first =
          bytes.asSlice(0, Math.min(SHOWN_BYTES, bytes.byteSize())).toArray(ValueLayout.JAVA_BYTE);
      return new LengthwiseException(
          "File "
              + file
              + " is not a safetensors, GGUF or llama2.c checkpoint: its "
              + bytes.byteSize()
              + " bytes begin with ["
              + HexFormat.ofDelimiter(" ").formatHex(first)
              + "]"
              + hint(first)
              + ".");
    }
  }

  private static String hint(byte[] first) {
    if (first[0] == '{') {
      return ", as JSON does; name the folder of the model, or its file of weights";
    }
    boolean zip = first.length > 1 && first[0] == 'P' && first[1] == 'K';
    return zip
        ? ", a ZIP archive as PyTorch writes; convert it to safetensors"
        : "; a llama2.c file without magic must have exactly the size its header implies";
  }
}
