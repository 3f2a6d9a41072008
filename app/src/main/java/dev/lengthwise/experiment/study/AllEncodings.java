package dev.lengthwise.experiment.study;

import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.SmallModel;
import dev.lengthwise.experiment.Suite;
import dev.lengthwise.experiment.TrainedTrial;
import dev.lengthwise.experiment.Trial;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Every way to train positions, at equal cost: natural texts and retrieval side by side.
final class AllEncodings implements Experiment {

  private static final int STEPS = 1000;

  @Override
  public String name() {
    return "encodings";
  }

  @Override
  public String title() {
    return "All encodings: which architecture extrapolates by itself?";
  }

  @Override
  public String published() {
    return """
    No paper has all of them at equal cost. Each says of its own:

    * ALiBi (Press et al. 2022), KERPLE (Chi et al. 2022), Sandwich (Chi et al. 2023), T5 (Raffel et al. 2020), FIRE (Li et al. 2024): the loss stays flat past the trained length where that of RoPE explodes. FIRE and KERPLE retrieve better than ALiBi.
    * xPos (Sun et al. 2023): lower loss than RoPE at longer texts.
    * NoPE (Kazemnejad et al. 2023): no positions generalise better than all explicit ones, on small tasks.
    * CoCA (Zhu et al. 2024): extrapolates with dynamic NTK. KeyNorm, HWFA, inverse Leaky ReRoPE (J. Su 2023): natural texts stay as good at 8 times the trained length.
    """;
  }

  @Override
  public String differences() {
    return """
    * A million weights, about a million tokens of Java, 128 trained tokens: what needs scale to show does not show here.
    * Parameters of methods are their defaults; nothing was tuned, neither for a method nor against one.
    * Digit recall, one digit among letters, is the easiest retrieval:, found by its kind. Keys that must be matched were not learnt by any recipe that we tried. Its models are smaller (64 channels, windows of 64) than those of the other tables.
    * Two seeds: the spread is printed, and smaller differences mean nothing.
    """;
  }

  @Override
  public List<Trial> trials(Scale scale) {
    Map<String, String> methods = new LinkedHashMap<>();
    methods.put("RoPE", "rope");
    methods.put("NoPE", "nope");
    methods.put("ALiBi", "alibi");
    methods.put("KERPLE log", "kerple:kind=log");
    methods.put("KERPLE power", "kerple:kind=power");
    methods.put("Sandwich", "sandwich");
    methods.put("T5", "t5");
    methods.put("FIRE", "fire");
    methods.put("xPos", "rope+xpos");
    methods.put("CoCA strict", "rope+coca:variant=strict");
    methods.put("CoCA slack", "rope+coca:variant=slack");
    methods.put("KeyNorm", "rope+key-norm");
    methods.put("HWFA", "hwfa");
    methods.put("inverse Leaky", "inverse-leaky");
    methods.put("random positions", "random-positions");
    Map<String, SmallModel> recipes = new LinkedHashMap<>();
    methods.forEach((name, method) -> recipes.put(name, SmallModel.of(scale, method, STEPS)));
    List<Long> seeds = scale.choose(List.of(1L, 2L), List.of(1L));
    List<Trial> trials =
        new ArrayList<>(
            TrainedTrial.grid(recipes, seeds, _ -> List.of("declared"), Suite.small(scale)));
    trials.addAll(DigitRecallProbe.trials(scale, methods, seeds, _ -> List.of("declared")));
    return trials;
  }

  @Override
  public List<Exhibit> exhibits() {
    List<Exhibit> exhibits = new ArrayList<>(Exhibit.ofSmallModels());
    exhibits.add(DigitRecallProbe.exhibit());
    return exhibits;
  }
}
