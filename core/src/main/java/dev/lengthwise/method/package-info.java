/// The catalogue of position methods: one file a method, the list [dev.lengthwise.method.Methods],
/// and [dev.lengthwise.method.MethodParser], which turns text into methods of that list.
///
/// Start reading at [dev.lengthwise.method.LmInfinite], a whole method in one file. A new method is
/// one new record with a `TYPE`, and one new line in [dev.lengthwise.method.Methods]: contract
/// tests walk that list. Depends on `position` and `method.syntax` only. Only the top may depend on
/// it: commands, experiments and the facade.
@NullMarked
package dev.lengthwise.method;

import org.jspecify.annotations.NullMarked;
