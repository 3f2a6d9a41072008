package dev.lengthwise.generate;

import java.util.Map;

/// One step between logits and the token that is drawn: it changes logits or leaves candidates out.
///
/// The order of these records is the usual order of a chain, which is that of llama.cpp; [Sampling]
/// keeps it. At least one candidate stays after every step. Probabilities are those of the softmax
/// of the candidates that are left.
public sealed interface SamplingStep {

  /// Adds numbers to the logits of single tokens; −∞ forbids one (`logit_bias` of OpenAI).
  ///
  /// @param bias by token id
  record Bias(Map<Integer, Double> bias) implements SamplingStep {

    /// Copies and checks.
    public Bias {
      bias = Map.copyOf(bias);
      bias.forEach(
          (id, value) ->
              require(
                  id >= 0 && value < Double.POSITIVE_INFINITY,
                  "a logit bias is a token id and a number, found %d and %s".formatted(id, value)));
    }
  }

  /// Makes tokens less likely that stand in the last part of the text, of which prompts are a part.
  ///
  /// The logit `l` of a token that stands there `c > 0` times becomes
  ///
  ///     l' − frequency · c − presence,    l' = l / repetition where l > 0, else l · repetition
  ///
  /// (repetition: Keskar et al. 2019, "CTRL", as Hugging Face's `RepetitionPenaltyLogitsProcessor`
  /// has it for both signs; the others: OpenAI's interface; together as in llama.cpp's
  /// `penalties`.)
  ///
  /// @param repetition 1 for none
  /// @param frequency 0 for none
  /// @param presence 0 for none
  /// @param last tokens that are looked back; −1 for the whole text
  record Penalties(double repetition, double frequency, double presence, int last)
      implements SamplingStep {

    /// Checks the ranges.
    public Penalties {
      require(
          repetition > 0 && Double.isFinite(repetition),
          "the repetition penalty must be above 0 (1: off), found " + repetition);
      require(
          Double.isFinite(frequency) && Double.isFinite(presence),
          "the frequency and the presence penalty must be numbers (0: off)");
      require(last >= -1, "the tokens to look back must be -1 (all) or more, found " + last);
    }
  }

  /// Keeps logits that are at most `deviations` standard deviations below the greatest (Tang et al.
  /// 2024, "Top-nσ: Not All Logits Are You Need"; the deviation is that of all finite logits).
  ///
  /// @param deviations above 0
  record TopNSigma(double deviations) implements SamplingStep {

    /// Checks the range.
    public TopNSigma {
      require(
          deviations > 0 && Double.isFinite(deviations),
          "top-n-sigma must be above 0, found " + deviations);
    }
  }

  /// Keeps the most likely tokens.
  ///
  /// @param count how many, at least 1
  record TopK(int count) implements SamplingStep {

    /// Checks the range.
    public TopK {
      require(count > 0, "top-k must be 0 (off) or a positive number of tokens, found " + count);
    }
  }

  /// Keeps the tokens whose surprise `−ln p` is nearest to the entropy, until their probabilities
  /// sum to `mass` (Meister et al. 2022, "Locally Typical Sampling").
  ///
  /// @param mass above 0 and below 1
  record Typical(double mass) implements SamplingStep {

    /// Checks the range.
    public Typical {
      require(mass > 0 && mass < 1, "typical-p must be above 0 and at most 1, found " + mass);
    }
  }

  /// Keeps the most likely tokens until their probabilities sum to `mass` (Holtzman et al. 2019,
  /// "The Curious Case of Neural Text Degeneration").
  ///
  /// @param mass above 0 and below 1
  record TopP(double mass) implements SamplingStep {

    /// Checks the range.
    public TopP {
      require(mass > 0 && mass < 1, "top-p must be above 0 and at most 1, found " + mass);
    }
  }

  /// Keeps tokens that are at least `share` times as likely as the most likely one (Nguyen et al.
  /// 2024, "Turning Up the Heat: Min-p Sampling").
  ///
  /// @param share above 0 and at most 1
  record MinP(double share) implements SamplingStep {

    /// Checks the range.
    public MinP {
      require(share > 0 && share <= 1, "min-p must be between 0 and 1, found " + share);
    }
  }

  /// Leaves out the most likely tokens, sometimes: of those with a probability of at least
  /// `threshold` the least likely one stays ("Exclude Top Choices", p-e-w 2024, as in llama.cpp).
  ///
  /// @param probability that it happens
  /// @param threshold at most 0.5, else there are never two
  record Xtc(double probability, double threshold) implements SamplingStep {

    /// Checks the ranges.
    public Xtc {
      require(
          probability > 0 && probability <= 1,
          "the probability of XTC must be between 0 (off) and 1, found " + probability);
      require(
          threshold >= 0 && threshold <= 0.5,
          "the threshold of XTC must be between 0 and 0.5, found " + threshold);
    }
  }

  /// Divides the logits.
  ///
  /// @param divisor 0 takes the most likely token
  record Temperature(double divisor) implements SamplingStep {

    /// Checks the range.
    public Temperature {
      require(
          divisor >= 0 && Double.isFinite(divisor),
          "the temperature must be 0 or more, found " + divisor);
    }
  }

  /// Keeps tokens up to a surprise that is adjusted after every token, so that the surprise of the
  /// text, `−log₂ p`, comes to a target (Basu et al. 2020, "Mirostat").
  ///
  /// Version 1 estimates how many tokens that are from the slope of the 100 most likely ones;
  /// version 2 compares with the surprise itself. The bound starts at twice the target.
  ///
  /// @param version 1 or 2
  /// @param target surprise in bits
  /// @param rate of the adjustment
  record Mirostat(int version, double target, double rate) implements SamplingStep {

    /// Checks the ranges.
    public Mirostat {
      require(version == 1 || version == 2, "mirostat is 0 (off), 1 or 2, found " + version);
      require(
          target > 0 && Double.isFinite(target) && rate > 0 && rate <= 1,
          "mirostat needs a target above 0 and a rate between 0 and 1, found %s and %s"
              .formatted(target, rate));
    }
  }

  private static void require(boolean condition, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(rule);
    }
  }
}
