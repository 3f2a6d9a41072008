package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.position.ModelShape;
import java.util.List;
import java.util.Optional;

/// Models that were trained here and whose layers no other program has: `model_type` is
/// `lengthwise`, and a block `architecture` says what the layers are made of. All else is called as
/// in a Llama's `config.json`.
///
/// Models of this type without that block have Llama's layers and another position method; they are
/// read by [LlamaFamily].
final class LengthwiseFamily implements Family {

  /// The `model_type` of models that no other program computes.
  static final String TYPE = "lengthwise";

  /// The block that says what the layers are made of.
  static final String ARCHITECTURE = "architecture";

  private static final double EPSILON = 1e-6;

  @Override
  public String name() {
    return TYPE;
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(FileFormat.huggingFace(TYPE, "", KeyTable.LLAMA, Names.OWN));
  }

  @Override
  public Optional<FileFormat> formatOf(Checkpoint checkpoint) {
    return Family.super.formatOf(checkpoint).filter(_ -> checkpoint.header().has(ARCHITECTURE));
  }

  // Every weight has its own name, and a head reads as BERT's does.
  @Override
  public Optional<TaskForm> taskForm(TaskHead.Kind kind, Settings config, String type) {
    return Optional.of(TaskForm.bert(kind, ""));
  }

  @Override
  public ModelSpec spec(Header header) {
    Settings config = header.settings();
    Architecture architecture = architecture(config);
    Header.Heads heads =
        new Header.Heads(
            header.size(Field.HEADS),
            header.sizeOr(Field.KEY_VALUE_HEADS, header.size(Field.HEADS)),
            header.size(Field.HEAD_SIZE));
    RopeDeclaration rope = header.rope(heads, RopeDeclaration.Defaults.length(1));
    Architecture.Sizes sizes =
        new Architecture.Sizes(
            header.vocabulary(),
            header.size(Field.HIDDEN),
            header.size(Field.INNER),
            header.number(Field.EPSILON, EPSILON),
            header.isTied(false));
    return header.checked(
        () -> {
          ModelShape shape =
              new ModelShape(
                  header.size(Field.LAYERS),
                  heads.queries(),
                  heads.keys(),
                  heads.size(),
                  rope.rotarySize(),
                  rope.base(),
                  rope.trainedLength());
          return architecture.model(
              name(),
              sizes,
              shape,
              DeclaredMethod.of(config, rope.method(), Optional.empty(), shape, header.methods()));
        });
  }

  private static Architecture architecture(Settings config) {
    Settings block =
        config.block(ARCHITECTURE).orElseThrow(() -> config.bad(ARCHITECTURE, "an object"));
    return JsonFile.convert(
        block.values(),
        Architecture.class,
        "Block \"%s\" of %s".formatted(ARCHITECTURE, config.where()));
  }
}
