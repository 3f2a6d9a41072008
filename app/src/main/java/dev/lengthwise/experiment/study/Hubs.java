package dev.lengthwise.experiment.study;

import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.HubPrior;
import dev.lengthwise.experiment.HubsByDimension;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.Trial;
import dev.lengthwise.vectors.RandomPoints;
import java.util.ArrayList;
import java.util.List;

/// Hubs among random points by dimension, and hubs as a choice of latents of a generator.
final class Hubs implements Experiment {

  private static final Exhibit.Across DIMENSION = new Exhibit.Across("dimension", false, true);
  private static final Exhibit.Across LEAST =
      new Exhibit.Across("least hub value of a latent", true, false);

  @Override
  public String name() {
    return "hubness";
  }

  @Override
  public String title() {
    return "Hubs: points that are neighbours of many, by dimension and in a generator";
  }

  @Override
  public String published() {
    return """
    * Radovanović et al. 2010, "Hubs in space", quoted by J. Su, kexue.fm 9147: of 10,000 uniform points and 5 neighbours, the skewness of `N_5` is 0.121, 1.541 and 5.445 in 3, 20 and 100 dimensions.
    * kexue.fm 9147 after Liang et al. 2022, "Exploring and exploiting hubness priors for high-quality GAN latent sampling": latents with a hub value of at least 50 give better pictures, in less time than other ways of choosing latents.
    * Low et al. 2013 see an effect of borders and of falling density, and not of the dimension itself.
    """;
  }

  @Override
  public String differences() {
    return """
    * 2,000 points and 10 neighbours. A second program measured on such Gaussian points -0.34, 0.76, 2.62, 4.79 and 7.44 in 3, 10, 20, 50 and 100 dimensions, and of uniform ones 0.05, 0.67, 1.79, 2.87 and 3.24; the mean of three seeds.
    * Their generators make pictures of faces from 512 latents. Ours makes points of the plane from 32, and the measure is the distance to the nearest point of the data: it shows in seconds what is true of so small a generator, and nothing of pictures.
    """;
  }

  @Override
  public List<Trial> trials(Scale scale) {
    List<Trial> trials = new ArrayList<>();
    for (long seed : scale.choose(List.of(1L, 2L, 3L), List.of(1L))) {
      for (RandomPoints points : RandomPoints.values()) {
        trials.add(
            new HubsByDimension(
                points,
                scale.choose(List.of(3, 10, 20, 50, 100, 200), List.of(3, 20)),
                scale.choose(2000, 100),
                scale.choose(10, 5),
                seed));
      }
      trials.add(
          new HubPrior(scale.choose(1000, 5), scale.choose(4000, 100), scale.choose(10, 5), seed));
    }
    return trials;
  }

  @Override
  public List<Exhibit> exhibits() {
    return List.of(
        new Exhibit(
            "skewness",
            "Skewness of the number of times that a point is a neighbour",
            DIMENSION,
            Exhibit.Shown.NUMBER,
            Exhibit.metric("skewness")),
        new Exhibit(
            "anti-hubs",
            "Points that are neighbours of none",
            DIMENSION,
            Exhibit.Shown.PERCENT,
            Exhibit.metric("anti_hubs")),
        new Exhibit(
            "generator",
            "Generated points: mean distance to the nearest point of the data",
            LEAST,
            Exhibit.Shown.NUMBER,
            Exhibit.metric("distance_to_data")),
        new Exhibit(
            "clusters",
            "Generated points: how many of the eight clusters they reach",
            LEAST,
            Exhibit.Shown.NUMBER,
            Exhibit.metric("perplexity_of_clusters")),
        new Exhibit(
            "kept",
            "Latents that are kept",
            LEAST,
            Exhibit.Shown.PERCENT,
            Exhibit.metric("share_kept")));
  }
}
