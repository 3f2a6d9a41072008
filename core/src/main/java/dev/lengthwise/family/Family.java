package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.TaskHead;
import java.util.List;
import java.util.Optional;

/// A family of models, as data: the formats of its files, and the layers that a header describes.
/// Nothing here computes.
///
/// Whatever is wrong with a checkpoint is a [dev.lengthwise.LengthwiseException].
interface Family {

  /// Its name, as [ModelSpec#family] shows it.
  String name();

  /// The formats of its files.
  List<FileFormat> formats();

  /// The model plan that a header describes, with its own position method.
  ModelSpec spec(Header header);

  /// The format of a checkpoint, where it is one of this family.
  default Optional<FileFormat> formatOf(Checkpoint checkpoint) {
    return formats().stream().filter(format -> format.matches(checkpoint)).findFirst();
  }

  /// Whether Hugging Face's program for this family computes a method that `rope_scaling` can name.
  /// Where it does not, a model with that method is none that the program may read.
  ///
  /// @param method name of the method
  default boolean scalesRotation(String method) {
    return true;
  }

  /// The format that a model of this family is written in; none where no file in `container` can
  /// say what the model computes.
  ///
  /// @param container what holds it
  /// @param spec the model
  default Optional<FileFormat> formatIn(Container container, ModelSpec spec) {
    return formats().stream().filter(format -> format.container() == container).findFirst();
  }

  /// How the head of a task is made; none in families that have no such heads.
  ///
  /// @param kind of the task
  /// @param config the header
  /// @param type the first type of the format
  default Optional<TaskForm> taskForm(TaskHead.Kind kind, Settings config, String type) {
    return Optional.empty();
  }

  /// Whether a header says which state is read for a whole text.
  default boolean readsSummary() {
    return false;
  }
}
