package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.options.HubnessOptions;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.app.options.TextOptions;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.encode.Encoder;
import dev.lengthwise.encode.LabelledPair;
import dev.lengthwise.encode.PairFile;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.report.HubnessText;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.vectors.HubnessStudy;
import dev.lengthwise.vectors.Partners;
import dev.lengthwise.vectors.VectorTable;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// `diagnose --show HUBNESS`: hubs among vectors, before and after what takes them away.
///
/// @param model that makes vectors of texts
/// @param text the texts, if any
/// @param options which vectors
/// @param json whether the result is lines of JSON
record HubnessDiagnosis(
    ModelOptions model, TextOptions text, HubnessOptions options, boolean json) {

  /// Vectors and what is known of them.
  ///
  /// @param names what each vector is of
  private record Named(VectorTable table, List<String> names, Partners partners) {}

  /// Looks at the vectors and prints what was found.
  void run() {
    Usage.positive(options.neighbours(), "--nearest");
    Path matrix = options.vectors;
    Usage.require(
        matrix == null || (options.pairs == null && !text.given()),
        "--vectors excludes texts and --pairs; give one of them");
    Usage.require(
        !options.pairedRows || matrix != null, "--paired-rows says what rows of --vectors are");
    try (Arena arena = Arena.ofShared()) {
      if (matrix != null) {
        try (Workers workers = new Workers(Runtime.getRuntime().availableProcessors())) {
          show(ofMatrix(matrix, arena), workers);
        }
        return;
      }
      Path pairs = options.pairs;
      List<LabelledPair> labelled = pairs == null ? List.of() : PairFile.read(pairs);
      List<String> texts = text.lines();
      Usage.require(
          !labelled.isEmpty() || texts.size() > 1,
          "--show HUBNESS needs --vectors, --pairs, or files of at least two texts with -f");
      try (OpenModel open = model.open()) {
        show(ofTexts(open, texts, labelled, arena), open.workers());
      }
    }
  }

  private Named ofMatrix(Path matrix, Arena arena) {
    VectorTable table = VectorTable.read(matrix, arena);
    Partners partners =
        options.pairedRows ? Partners.neighbouringRows(table.count()) : Partners.NONE;
    return new Named(table, List.of(), partners);
  }

  private static Named ofTexts(
      OpenModel open, List<String> texts, List<LabelledPair> labelled, Arena arena) {
    Map<String, Integer> places = new LinkedHashMap<>();
    texts.forEach(one -> places.putIfAbsent(one, places.size()));
    for (LabelledPair pair : labelled) {
      places.putIfAbsent(pair.first(), places.size());
      places.putIfAbsent(pair.second(), places.size());
    }
    Encoder encoder =
        new Encoder(
            open.inference("declared", OptionalLong.empty()),
            open.tokenizer(),
            open.recipe(),
            Encoder.Excess.REFUSED);
    List<String> names = List.copyOf(places.keySet());
    return new Named(
        VectorTable.of(encoder.encode(names), arena), names, partners(labelled, places));
  }

  private static Partners partners(List<LabelledPair> labelled, Map<String, Integer> places) {
    double greatest = Double.NEGATIVE_INFINITY;
    for (LabelledPair pair : labelled) {
      if (!pair.isLabelled()) {
        throw new LengthwiseException(
            "A pair has no label (\"%s\"), so it is not known whether its texts are partners; label all, or give the texts with -f."
                .formatted(pair.first()));
      }
      greatest = Math.max(greatest, pair.label());
    }
    List<int[]> alike = new ArrayList<>();
    for (LabelledPair pair : labelled) {
      if (pair.label() == greatest) {
        alike.add(new int[] {places.get(pair.first()), places.get(pair.second())});
      }
    }
    return Partners.ofPairs(alike);
  }

  private void show(Named vectors, Workers workers) {
    List<HubnessStudy.Result> results =
        HubnessStudy.of(vectors.table(), options.neighbours(), vectors.partners(), workers);
    if (json) {
      results.forEach(result -> JsonOutput.print(HubnessText.line(result)));
    } else {
      System.out.print(
          HubnessText.render(results, vectors.table(), options.neighbours(), vectors.names()));
    }
  }
}
