package dev.lengthwise.grammar;

import dev.lengthwise.grammar.Automaton.State;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The bytes of all tokens as a tree, in the order of a walk that goes down first: tokens that
/// begin alike are asked about once, and where a beginning is wrong all of them are skipped.
final class TokenTrie {

  private static final int[] NONE = {};

  private final byte[] values; // byte of each node
  private final int[] depths; // 1 for a first byte
  private final int[] skips; // the node behind all that begin with this one
  private final int[] @Nullable [] tokens; // ids that end at a node
  private final int deepest;

  /// The tree of a vocabulary; tokens without bytes are not in it.
  TokenTrie(Tokenizer tokenizer) {
    record Token(int id, byte[] bytes) {}
    List<Token> sorted =
        IntStream.range(0, tokenizer.vocabularySize())
            .mapToObj(id -> new Token(id, tokenizer.bytes(id)))
            .filter(token -> token.bytes().length > 0)
            .sorted(Comparator.comparing(Token::bytes, Arrays::compareUnsigned))
            .toList();
    int most = sorted.stream().mapToInt(token -> token.bytes().length).sum();
    byte[] allValues = new byte[most];
    int[] allDepths = new int[most];
    int @Nullable [][] allTokens = new int[most][];
    int count = 0;
    byte[] before = {};
    for (Token token : sorted) {
      byte[] bytes = token.bytes();
      int mismatch = Arrays.mismatch(before, bytes);
      int common = mismatch < 0 ? bytes.length : mismatch;
      for (int depth = common; depth < bytes.length; depth++) {
        allValues[count] = bytes[depth];
        allDepths[count++] = depth + 1;
      }
      allTokens[count - 1] = with(allTokens[count - 1], token.id());
      before = bytes;
    }
    values = Arrays.copyOf(allValues, count);
    depths = Arrays.copyOf(allDepths, count);
    tokens = Arrays.copyOf(allTokens, count);
    skips = skips(depths);
    deepest = Arrays.stream(depths).max().orElse(0);
  }

  private static int[] with(int @Nullable [] ids, int id) {
    if (ids == null) {
      return new int[] {id};
    }
    int[] more = Arrays.copyOf(ids, ids.length + 1);
    more[ids.length] = id;
    return more;
  }

  private static int[] skips(int[] depths) {
    int[] skips = new int[depths.length];
    int[] behind = new int[Arrays.stream(depths).max().orElse(0) + 2];
    Arrays.fill(behind, depths.length);
    for (int node = depths.length - 1; node >= 0; node--) {
      int depth = depths[node];
      skips[node] = behind[depth];
      // What comes before this node and is at least as deep ends here.
      Arrays.fill(behind, depth, behind.length, node);
    }
    return skips;
  }

  /// The tokens that a text may go on with.
  BitSet allowed(Automaton automaton, State state) {
    BitSet allowed = new BitSet();
    State[] path = new State[deepest + 1];
    path[0] = state;
    int node = 0;
    while (node < values.length) {
      int depth = depths[node];
      State next = automaton.next(path[depth - 1], values[node] & 0xff);
      if (next.isDead()) {
        node = skips[node];
        continue;
      }
      path[depth] = next;
      int[] ending = tokens[node];
      for (int id : ending == null ? NONE : ending) {
        allowed.set(id);
      }
      node++;
    }
    return allowed;
  }
}
