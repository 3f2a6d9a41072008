package dev.lengthwise.experiment.study;

import dev.lengthwise.bench.SyntheticShape;
import dev.lengthwise.experiment.CacheTrial;
import dev.lengthwise.experiment.CheckpointTrial;
import dev.lengthwise.experiment.EndlessTrial;
import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.SpeedTrial;
import dev.lengthwise.experiment.SpeedTrial.Amount;
import dev.lengthwise.experiment.SpeedTrial.Subject;
import dev.lengthwise.experiment.Trial;
import dev.lengthwise.experiment.Workshop;
import dev.lengthwise.matrix.WeightType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Speed and memory of long texts under methods of constant memory, beside the plain model.
final class LongTextSpeed implements Experiment {

  private static final CheckpointTrial.Source BUNDLED =
      new CheckpointTrial.Source(
          "java-5m", workshop -> workshop.bundledModel("java-5m"), Workshop::heldOutText);

  private static final int PARTS = 16;

  @Override
  public String name() {
    return "long-texts";
  }

  @Override
  public String title() {
    return "Long texts: speed, memory, and reading without end";
  }

  @Override
  public String published() {
    return """
    * Han et al., *LM-Infinite* (arXiv 2308.16137v7), Llama-2-7B on 100 texts of 32,768 tokens, one A100 with weights kept in the memory of the host: reading 48.2 → 15.3 s a text (**3.16 times** as fast as the plain model), writing 7.34 → 2.70 s a token (**2.72 times**), memory 33.2 → 4.41 GB (**7.5 times** less).
    * The same: 200 million tokens of documents, drawn again and again and joined: the loss stays flat.
    * Xiao et al., *StreamingLLM* (arXiv 2309.17453): four million tokens with 4 first and 2,044 last ones, perplexity stays flat; a window alone fails once the first tokens leave it (Llama-2-13B: 5,158 against 5.40).
    """;
  }

  @Override
  public String differences() {
    return """
    * The paper's ratios are those of a GPU whose weights come over a bus for every layer. Here everything runs on processor cores, from memory, one thread; ratios say what attention costs beside products at each size, not what a GPU gains.
    * The window has 256 tokens, the trained length of java-5m, so 32,768 is 128 windows; the paper's was 8. With random weights of the shape llama-1b (Q8_0) the same window is used; its reading is measured at 512 tokens only, where attention is a small part of the work, since one text of 32,768 would take most of an hour on this machine.
    * Texts that are written behind are filled with random keys and values. Memory is that of keys and values in single precision, not of the profiler; weights come on top.
    * One run of each, beside other work on the same machine: differences below a fifth mean nothing.
    * The window alone does not fail here: see the experiment `lm-infinite`.
    """;
  }

  @Override
  public List<Trial> trials(Scale scale) {
    List<Trial> trials = new ArrayList<>();
    Amount ofModel =
        new Amount(
            scale.choose(List.of(1024, 4096, 8192, 32_768), List.of(64)),
            scale.choose(List.of(1024, 4096, 8192, 32_768), List.of(64)),
            scale.choose(64, 2));
    methods()
        .forEach(
            (variant, method) ->
                trials.add(new SpeedTrial(new Subject.Saved(BUNDLED), variant, method, ofModel)));
    SyntheticShape shape =
        SyntheticShape.parse(
            scale.choose("llama-1b", "dim=64,layers=2,heads=4,kv-heads=2,ffn=128,vocab=100"));
    Amount ofShape =
        new Amount(
            scale.choose(List.of(512), List.of(32)),
            scale.choose(List.of(1024, 8192, 32_768), List.of(64)),
            scale.choose(4, 2));
    for (String variant : List.of("plain", "LM-Infinite")) {
      String method = methods().getOrDefault(variant, "declared");
      trials.add(
          new SpeedTrial(new Subject.Random(shape, WeightType.Q8_0), variant, method, ofShape));
    }
    int tokens =
        switch (scale) {
          case LONG -> 1 << 20;
          case FULL -> 1 << 17;
          case TINY -> 1 << 8;
        };
    methods()
        .forEach(
            (variant, method) -> {
              if (!method.equals("declared")) {
                trials.add(new EndlessTrial(BUNDLED, variant, method, tokens, PARTS));
              }
            });
    return trials;
  }

  private static Map<String, String> methods() {
    Map<String, String> methods = new LinkedHashMap<>();
    methods.put("plain", "declared");
    methods.put("LM-Infinite", "lm-infinite:local=256,global=10");
    methods.put("StreamingLLM", "streaming-llm:window=252,sinks=4");
    methods.put("window", "window:window=256");
    return methods;
  }

  @Override
  public List<Exhibit> exhibits() {
    return List.of(
        byLength("reading", "Tokens read in a second, by length", SpeedTrial.READ),
        byLength("writing", "Tokens written in a second, by length so far", SpeedTrial.WRITTEN),
        new Exhibit(
            "memory",
            "Keys and values by length, MiB",
            Exhibit.Across.LENGTH,
            Exhibit.Shown.NUMBER,
            row -> row.metric().equals(CacheTrial.METRIC) && row.variant().contains(",")),
        endless("endless-loss", "Loss of the last part, nats a token", EndlessTrial.LOSS),
        endless("endless-speed", "Tokens read in a second", EndlessTrial.SPEED),
        endless("endless-memory", "Resident memory of the process, MiB", EndlessTrial.RESIDENT));
  }

  private static Exhibit byLength(String file, String title, String metric) {
    return new Exhibit(
        file, title, Exhibit.Across.LENGTH, Exhibit.Shown.NUMBER, Exhibit.metric(metric));
  }

  private static Exhibit endless(String file, String title, String metric) {
    return new Exhibit(
        file,
        title + ", by tokens read so far",
        new Exhibit.Across("tokens", false, false),
        Exhibit.Shown.NUMBER,
        Exhibit.metric(metric));
  }
}
