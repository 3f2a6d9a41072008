package dev.lengthwise.app.command;

import dev.lengthwise.app.options.Home;
import dev.lengthwise.app.options.ThreadsOption;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.app.options.Version;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.ExperimentRun;
import dev.lengthwise.experiment.ResultFolder;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.Workshop;
import dev.lengthwise.experiment.study.Experiments;
import dev.lengthwise.io.FolderLock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `experiment`: a question of the papers, asked again with small models.
@Command(
    name = "experiment",
    description = {
      "Runs an experiment of the papers with small models and writes its folder of results.",
      "What is finished is kept in runs/experiments: a run that was cut off goes on."
    },
    mixinStandardHelpOptions = true)
public final class ExperimentCommand implements Callable<Integer> {

  // Training says something every few steps, which is too often for a log.
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NAME",
      description = "The experiment; without it, the list of all.")
  private @Nullable String name;

  @Option(names = "--tiny", description = "Everything once, in seconds: the numbers mean nothing.")
  private boolean tiny;

  @Option(
      names = "--long",
      description = "Reads a million tokens where an experiment reads a text without end.")
  private boolean longTexts;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Folder of the results; default: experiments/DATE-NAME, with --tiny below runs.")
  private @Nullable Path out;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description = "Folder of what is kept between runs; default: runs/experiments.")
  private @Nullable Path work;

  @Mixin private ThreadsOption threads = new ThreadsOption();

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description =
          "Begin no trial after so many minutes: what is left out is said, and runs the next time."
              + " With 0 the folder is written of what earlier runs finished.")
  private @Nullable Integer minutes;

  @Option(names = "--quiet", description = "No progress.")
  private boolean quiet;

  @Override
  public Integer call() {
    if (name == null) {
      for (Experiment experiment : Experiments.ALL) {
        System.out.printf("%-20s %s%n", experiment.name(), experiment.title());
      }
      return 0;
    }
    Usage.require(!tiny || !longTexts, "--tiny and --long cannot both be given");
    Experiment experiment = Experiments.byName(name);
    Path home = Home.find().folder();
    String folder = tiny ? name + "-tiny" : name;
    Path kept = (work == null ? home.resolve("runs/experiments") : work).resolve(folder);
    Path results = out == null ? results(home, kept) : out;
    Usage.require(minutes == null || minutes >= 0, "--minutes must be 0 or more, found " + minutes);
    ResultFolder place = new ResultFolder(results);
    place.requireOurs();
    try (FolderLock _ = FolderLock.of(kept);
        FolderLock _ = FolderLock.of(results); // which goes where nothing comes of it
        Workshop workshop =
            new Workshop(home, kept, threads.count(), program(threads.count()), log())) {
      ExperimentRun run =
          minutes == null
              ? new ExperimentRun(experiment, workshop, InstantSource.system())
              : new ExperimentRun(
                  experiment, workshop, InstantSource.system(), Duration.ofMinutes(minutes));
      ExperimentRun.Outcome outcome = run.run(scale());
      String option = tiny ? " --tiny" : longTexts ? " --long" : "";
      String command = "./lengthwise experiment " + name + option;
      place.write(experiment, command, outcome);
    }
    System.out.println(results);
    return 0;
  }

  private Scale scale() {
    return tiny ? Scale.TINY : longTexts ? Scale.LONG : Scale.FULL;
  }

  private Path results(Path home, Path kept) {
    LocalDate today = LocalDate.ofInstant(InstantSource.system().instant(), ZoneOffset.UTC);
    return tiny ? kept.resolve("results") : home.resolve("experiments/" + today + "-" + name);
  }

  private static Map<String, Object> program(int threads) {
    Map<String, Object> entries = new LinkedHashMap<>(Machine.entries());
    entries.put("threads", threads);
    entries.put("version", Version.version());
    entries.put("commit", Version.commit());
    entries.put("jdk", Runtime.version().toString());
    entries.put(
        "date", LocalDate.ofInstant(InstantSource.system().instant(), ZoneOffset.UTC).toString());
    return entries;
  }

  // Lines of trials at once; lines of training now and then.
  private Consumer<String> log() {
    Instant[] next = {Instant.MIN};
    return line -> {
      Instant now = InstantSource.system().instant();
      boolean step = line.startsWith("step ");
      if (!quiet && (!step || now.isAfter(next[0]))) {
        System.err.println(line);
        next[0] = now.plus(BETWEEN_LINES);
      }
    };
  }
}
