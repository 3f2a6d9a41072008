/// Families of models: what a checkpoint's header and tensor names mean.
///
/// Start reading at [dev.lengthwise.family.ModelLoader], then [dev.lengthwise.family.LlamaFamily].
/// A new family is one new class and one new line in [dev.lengthwise.family.Families]. A
/// checkpoint's own rope scaling is parsed here, once, into the value of a position method, which a
/// [dev.lengthwise.position.MethodReader] turns into the method: this package does not know the
/// catalogue of methods. May depend on `position`, `model`, `checkpoint` and `tokenizer`.
@NullMarked
package dev.lengthwise.family;

import org.jspecify.annotations.NullMarked;
