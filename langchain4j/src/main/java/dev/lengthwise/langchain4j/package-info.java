/// Models of the process for LangChain4j: conversations, vectors, counts of tokens.
///
/// Start reading at [dev.lengthwise.langchain4j.LengthwiseChatModel]. Depends on the library.
@NullMarked
package dev.lengthwise.langchain4j;

import org.jspecify.annotations.NullMarked;
