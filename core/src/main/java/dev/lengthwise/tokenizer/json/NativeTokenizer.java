package dev.lengthwise.tokenizer.json;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import ai.djl.util.Utils;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.TextPieces;
import dev.lengthwise.tokenizer.WordCuts;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.LongFunction;

/// A tokenizer inside Hugging Face's native library, which DJL packages. Freed when unreachable.
///
/// This calls DJL's thin native binding and not its `HuggingFaceTokenizer`, because that one looks
/// for a cloud host to report to, cuts texts by default, and copies all offsets of every token.
public final class NativeTokenizer {

  private static final Cleaner CLEANER = Cleaner.create();

  /// Deeper descriptions end the process inside the library, where no Java can catch that.
  private static final int DEEPEST = 64;

  private final long handle;
  private final WordCuts cuts;
  private final String origin;

  private NativeTokenizer(long handle, WordCuts cuts, String origin) {
    this.handle = handle;
    this.cuts = cuts;
    this.origin = origin;
    CLEANER.register(this, () -> TokenizersLibrary.LIB.deleteTokenizer(handle));
  }

  /// Builds the tokenizer that `json` (a `tokenizer.json`) describes.
  ///
  /// @param origin where the description came from, for the error message
  /// @throws LengthwiseException when the library cannot build it
  public static NativeTokenizer of(JsonNode json, String origin) {
    if (isDeeper(json, DEEPEST)) {
      throw new LengthwiseException(
          "%s is nested more than %d deep; no tokenizer needs that, so check that the file is whole."
              .formatted(origin, DEEPEST));
    }
    loadLibrary();
    try {
      return new NativeTokenizer(
          TokenizersLibrary.LIB.createTokenizerFromString(json.toString()),
          JsonCuts.of(json),
          origin);
    } catch (RuntimeException e) {
      throw new LengthwiseException(
          origin
              + " is not a tokenizer that the tokenizers library can build: "
              + e.getMessage()
              + "; check that the file is complete",
          e);
    }
  }

  private static boolean isDeeper(JsonNode json, int levels) {
    if (levels == 0) {
      return true;
    }
    for (JsonNode child : json) {
      if (child.isContainerNode() && isDeeper(child, levels - 1)) {
        return true;
      }
    }
    return false;
  }

  /// The ids of `text` without any begin or end of text. Long texts are encoded in parts, where
  /// that gives the same ids ([WordCuts]): the library takes some hundred bytes a token of a text.
  ///
  /// @throws LengthwiseException when the description misses what the text needs, such as a token
  ///     for unknown characters
  public int[] encode(String text) {
    return cuts.encode(text, this::encodePart);
  }

  int[] encodePart(String text) {
    return encoded(text, NativeTokenizer::ids);
  }

  /// The same ids, with the part of the text that each is.
  public TextPieces pieces(String text) {
    return encoded(
        text,
        encoding -> {
          CharSpan[] spans = TokenizersLibrary.LIB.getTokenCharSpans(encoding);
          return TextPieces.ofCodePoints(
              text,
              ids(encoding),
              Arrays.stream(spans).mapToInt(CharSpan::getStart).toArray(),
              Arrays.stream(spans).mapToInt(CharSpan::getEnd).toArray());
        });
  }

  private <T> T encoded(String text, LongFunction<T> read) {
    String valid = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    long encoding = encoding(valid);
    try {
      return read.apply(encoding);
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
      Reference.reachabilityFence(this);
    }
  }

  private static int[] ids(long encoding) {
    return Arrays.stream(TokenizersLibrary.LIB.getTokenIds(encoding))
        .mapToInt(Math::toIntExact)
        .toArray();
  }

  private long encoding(String text) {
    try {
      return TokenizersLibrary.LIB.encode(handle, text, false);
    } catch (RuntimeException e) {
      throw new LengthwiseException(
          "%s cannot make tokens of a text: %s; check its model and its unknown token."
              .formatted(origin, e.getMessage()),
          e);
    }
  }

  /// Loads the native library, once. On a machine with a GPU DJL downloads another build of it,
  /// unless it is told to stay off the network before. What is unpacked is measured first.
  private static void loadLibrary() {
    System.setProperty("ai.djl.offline", "true");
    try {
      UnpackedLibrary.here().deleteTorn();
      LibUtils.checkStatus();
    } catch (EngineException | UncheckedIOException | LinkageError e) {
      Path folder = Utils.getEngineCacheDir("tokenizers");
      throw new LengthwiseException(
          "The tokenizers library cannot be loaded from %s, where %d MB are free: %s. Unpacking takes 15 MB; make room, or delete the folder so that it is filled anew, or name another parent folder in DJL_CACHE_DIR."
              .formatted(folder, folder.toFile().getUsableSpace() >> 20, reason(e)),
          e);
    }
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.toString().lines().findFirst().orElse("");
  }
}
