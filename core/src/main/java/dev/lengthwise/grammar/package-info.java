/// Grammars of generated texts: which tokens may come next.
///
/// Start reading at [dev.lengthwise.grammar.Grammar]. `GrammarParser` reads GBNF, the notation of
/// llama.cpp, and makes rules over bytes of it; `Automaton` steps through a text byte by byte;
/// `TokenTrie` asks it for all tokens at once, and `GrammarVocabulary` keeps that of a model.
/// `JsonSchemaGrammar` writes GBNF for a JSON schema.
@NullMarked
package dev.lengthwise.grammar;

import org.jspecify.annotations.NullMarked;
