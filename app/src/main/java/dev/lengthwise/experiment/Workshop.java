package dev.lengthwise.experiment;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.train.data.SourceFile;
import dev.lengthwise.train.data.SourceJars;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;

/// Where experiments run: folders, threads, and what every protocol says.
public final class Workshop implements AutoCloseable {

  // Room for windows of 32,768 tokens; the whole jar would take seconds to tokenise, every time.
  private static final int TEXT_CHARACTERS = 400_000;

  private final Path home;
  private final Path folder;
  private final int threads;
  private final Map<String, Object> program;
  private final Consumer<String> log;
  private final Workers workers;
  private final int torchThreads = torch.get_num_threads();

  /// A workshop.
  ///
  /// @param home of the project
  /// @param folder of everything that is kept between runs
  /// @param threads to train and evaluate with
  /// @param program version, commit and machine, for protocols
  /// @param log gets lines for people
  public Workshop(
      Path home, Path folder, int threads, Map<String, Object> program, Consumer<String> log) {
    this.home = home;
    this.folder = folder;
    this.threads = threads;
    this.program = new LinkedHashMap<>(program);
    this.log = log;
    this.workers = new Workers(threads);
    torch.set_num_threads(Workers.atWork(threads));
  }

  /// A folder that is kept between runs.
  Path folder() {
    return folder;
  }

  int threads() {
    return threads;
  }

  Workers workers() {
    return workers;
  }

  Attention engine() {
    return new VectorAttention(workers);
  }

  Consumer<String> log() {
    return log;
  }

  /// Version, commit and machine.
  public Map<String, Object> program() {
    return new LinkedHashMap<>(program);
  }

  /// A bundled model.
  public Path bundledModel(String name) {
    return home.resolve("models").resolve(name);
  }

  /// What a training run left in the folder `runs` of the project, which a checkout may lack.
  public Path trainedModel(String name) {
    return home.resolve("runs").resolve(name).resolve("model");
  }

  /// Real data beside the project, which a checkout may lack.
  public Path sharedData(String name) {
    Path parent = home.toAbsolutePath().normalize().getParent();
    return (parent == null ? home : parent).resolve("shared/data").resolve(name);
  }

  /// A place of the project, or beside it, as results tell it to others: from the project's folder.
  String told(Path place) {
    Path from = home.toAbsolutePath().normalize();
    return from.relativize(place.toAbsolutePath().normalize()).toString().replace('\\', '/');
  }

  /// The folder of the jars to train on; Maven copies them there.
  Path corpus() {
    Path corpus = home.resolve("app/target/corpus");
    if (!Files.isDirectory(corpus)) {
      throw new LengthwiseException(
          "The texts to train on are not in "
              + corpus
              + "; fetch them with 'mvn -B -pl app -P corpus generate-resources'");
    }
    return corpus;
  }

  /// The folder of the jars with published encoders; Maven's profile `encoders` copies them there.
  Path publishedEncoders() {
    return home.resolve("app/target/encoders");
  }

  /// The jar of a library that no model is trained on; every build copies it there.
  Path heldOutJar() {
    Path jar = home.resolve("app/target/held-out-sources.jar");
    if (!Files.exists(jar)) {
      throw new LengthwiseException(
          "The text to measure on is not at " + jar + "; build once with 'mvn package'");
    }
    return jar;
  }

  /// The sources of [#heldOutJar], one by one.
  List<String> heldOutDocuments() {
    try (Stream<SourceFile> files = SourceJars.stream(heldOutJar())) {
      return files.map(SourceFile::text).toList();
    }
  }

  /// The longest sources of [#heldOutJar] as one text of about a hundred thousand tokens.
  public NamedText heldOutText() {
    String content;
    try (Stream<SourceFile> files = SourceJars.stream(heldOutJar())) {
      content =
          files
              .sorted(Comparator.comparingInt((SourceFile file) -> -file.text().length()))
              .map(SourceFile::text)
              .collect(Collectors.joining("\n"));
    }
    return new NamedText(
        "RoaringBitmap sources, longest files first, 400,000 characters",
        content.substring(0, Math.min(TEXT_CHARACTERS, content.length())));
  }

  @Override
  public void close() {
    workers.close();
    torch.set_num_threads(torchThreads);
  }
}
