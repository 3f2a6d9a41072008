package dev.lengthwise.app.options;

import dev.lengthwise.generate.Sampling;
import dev.lengthwise.generate.SamplingStep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/// How tokens are drawn, under the names and with the defaults of llama.cpp.
public final class SamplingOptions {

  private static final Pattern BIAS = Pattern.compile("(\\d{1,9})(?:=|(?=[+-]))([+-]?[\\w.]+)");

  @Option(
      names = {"--temp", "--temperature"},
      paramLabel = "T",
      description = "Temperature; 0 takes the most likely token (default ${DEFAULT-VALUE}).")
  double temperature = 0.8;

  @Option(names = "--top-k", paramLabel = "N", description = "Default ${DEFAULT-VALUE}; 0: off.")
  int topK = 40;

  @Option(names = "--top-p", paramLabel = "P", description = "Default ${DEFAULT-VALUE}; 1: off.")
  double topP = 0.95;

  @Option(names = "--min-p", paramLabel = "P", description = "Default ${DEFAULT-VALUE}; 0: off.")
  double minP = 0.05;

  @Option(
      names = {"--typical", "--typical-p"},
      paramLabel = "P",
      description = "Locally typical tokens; default ${DEFAULT-VALUE}: off.")
  double typical = 1;

  @Option(
      names = {"--top-n-sigma", "--top-nsigma"},
      paramLabel = "N",
      description = "Standard deviations below the greatest logit; default ${DEFAULT-VALUE}: off.")
  double topNSigma;

  @Option(
      names = "--xtc-probability",
      paramLabel = "P",
      description = "How often top choices are left out; default ${DEFAULT-VALUE}: never.")
  double xtcProbability;

  @Option(
      names = "--xtc-threshold",
      paramLabel = "P",
      description = "Probability of a top choice (default ${DEFAULT-VALUE}).")
  double xtcThreshold = 0.1;

  @Option(
      names = "--repeat-penalty",
      paramLabel = "X",
      description = "For tokens of the text so far; default ${DEFAULT-VALUE}: off.")
  double repeatPenalty = 1;

  @Option(
      names = "--frequency-penalty",
      paramLabel = "X",
      description = "For each time that a token occurs; default ${DEFAULT-VALUE}: off.")
  double frequencyPenalty;

  @Option(
      names = "--presence-penalty",
      paramLabel = "X",
      description = "For a token that occurs; default ${DEFAULT-VALUE}: off.")
  double presencePenalty;

  @Option(
      names = "--repeat-last-n",
      paramLabel = "N",
      description = "Tokens that penalties look back (default ${DEFAULT-VALUE}); -1: all.")
  int repeatLast = 64;

  @Option(
      names = {"-l", "--logit-bias"},
      paramLabel = "ID±BIAS",
      description =
          "Adds to the logit of a token: 15043+1, 15043-1, 15043-inf (never); may be given several"
              + " times.")
  List<String> biases = new ArrayList<>();

  @Option(
      names = "--mirostat",
      paramLabel = "N",
      description =
          "1 or 2: holds the surprise of the text at --mirostat-ent, in place of the filters from"
              + " top-n-sigma to XTC; default ${DEFAULT-VALUE}: off.")
  int mirostat;

  @Option(names = "--mirostat-ent", paramLabel = "BITS", description = "Default ${DEFAULT-VALUE}.")
  double mirostatTarget = 5;

  @Option(names = "--mirostat-lr", paramLabel = "R", description = "Default ${DEFAULT-VALUE}.")
  double mirostatRate = 0.1;

  @Option(names = "--seed", paramLabel = "N", description = "Default ${DEFAULT-VALUE}.")
  long seed;

  /// How tokens are drawn; a value out of range is wrong usage.
  public Sampling sampling() {
    return Usage.checked(this::chosen);
  }

  // Numbers of a step that is off are checked as well: a wrong one is a slip of its user.
  private Sampling chosen() {
    Sampling filtered = filtered(new Sampling(temperature, topK, topP, minP, seed));
    SamplingStep surprise =
        new SamplingStep.Mirostat(mirostat == 0 ? 1 : mirostat, mirostatTarget, mirostatRate);
    SamplingStep penalties =
        new SamplingStep.Penalties(repeatPenalty, frequencyPenalty, presencePenalty, repeatLast);
    Sampling chosen =
        mirostat == 0 ? filtered : new Sampling(temperature, 0, 1, 0, seed).with(surprise);
    if (repeatPenalty != 1 || frequencyPenalty != 0 || presencePenalty != 0) {
      chosen = chosen.with(penalties);
    }
    return biases.isEmpty() ? chosen : chosen.with(bias());
  }

  private Sampling filtered(Sampling usual) {
    SamplingStep exclusion =
        new SamplingStep.Xtc(xtcProbability == 0 ? 1 : xtcProbability, xtcThreshold);
    Sampling chosen = typical == 1 ? usual : usual.with(new SamplingStep.Typical(typical));
    if (topNSigma != 0) {
      chosen = chosen.with(new SamplingStep.TopNSigma(topNSigma));
    }
    return xtcProbability == 0 ? chosen : chosen.with(exclusion);
  }

  private SamplingStep.Bias bias() {
    Map<Integer, Double> bias = new HashMap<>();
    for (String text : biases) {
      Matcher matcher = BIAS.matcher(text);
      Usage.require(matcher.matches(), "--logit-bias is such as 15043+1, found '" + text + "'");
      bias.put(Integer.parseInt(matcher.group(1)), number(matcher.group(2), text));
    }
    return new SamplingStep.Bias(bias);
  }

  private static double number(String word, String text) {
    if (word.equalsIgnoreCase("-inf")) {
      return Double.NEGATIVE_INFINITY;
    }
    try {
      return Double.parseDouble(word);
    } catch (NumberFormatException e) {
      throw new WrongUsageException("--logit-bias is such as 15043+1, found '" + text + "'");
    }
  }
}
