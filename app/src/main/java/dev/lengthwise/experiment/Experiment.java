package dev.lengthwise.experiment;

import java.util.List;

/// An experiment: a question of the papers, asked again with small models. The catalogue is
/// `Experiments`.
public interface Experiment {

  /// Name on the command line and of its folder.
  String name();

  /// What it asks, as a title.
  String title();

  /// What the papers found, as Markdown: numbers with their sources.
  String published();

  /// Why our numbers may differ from theirs, as Markdown.
  String differences();

  /// What is run, in order. The same trials follow from the same scale.
  List<Trial> trials(Scale scale);

  /// What is shown of the rows.
  List<Exhibit> exhibits();
}
