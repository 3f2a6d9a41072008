package dev.lengthwise.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.batch.TextEvent;
import java.util.List;

/// How the texts of an answer are written. Each method gives elements of `choices`.
interface AnswerFormat {

  /// Begin of the id of an answer.
  String prefix();

  /// `object` of an answer.
  ///
  /// @param piece whether it is one of a stream
  String object(boolean piece);

  /// Which tokens are scored.
  Scoring scoring();

  /// A text that has ended.
  ObjectNode whole(Choice choice);

  /// What a stream says when the prompt has been read.
  List<ObjectNode> opening(Choice choice);

  /// What a stream says of a token.
  List<ObjectNode> piece(Choice choice, TextEvent.Token token);

  /// What a stream says when the text has ended: the rest, and the reason.
  List<ObjectNode> closing(Choice choice, TextEvent.Ended ended);
}
