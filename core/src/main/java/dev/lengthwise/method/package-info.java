/// The catalogue of position methods: one file a method, and the list
/// [dev.lengthwise.method.Methods].
///
/// Start reading at [dev.lengthwise.method.LmInfinite], a whole method in one file, then
/// [dev.lengthwise.method.MethodParser], which turns text into methods. A new method is one new
/// record with a `TYPE`, and one new line in [dev.lengthwise.method.Methods]: contract tests walk
/// that list. May depend on `position` only.
@NullMarked
package dev.lengthwise.method;

import org.jspecify.annotations.NullMarked;
