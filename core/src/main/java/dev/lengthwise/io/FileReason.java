package dev.lengthwise.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/// Why a file or folder could not be used, in words: many exceptions of Java's library say no more
/// than a path.
public final class FileReason {

  private FileReason() {}

  /// The reason as a clause, without the path.
  public static String of(IOException failure) {
    return switch (failure) {
      case NoSuchFileException _ -> "there is no such file or folder";
      case FileAlreadyExistsException _ -> "a file of that name exists";
      case AccessDeniedException _ -> "you may not";
      case NotDirectoryException _ -> "it is no folder";
      case EOFException end when end.getMessage() == null -> "it ends too early";
      case CharacterCodingException _ -> "it is not UTF-8";
      case DirectoryNotEmptyException _ -> "the folder is not empty";
      case FileSystemException other when other.getReason() != null -> lowerCase(other.getReason());
      default -> {
        String message = failure.getMessage();
        yield message == null ? failure.getClass().getSimpleName() : inWords(message);
      }
    };
  }

  // What reading and mapping a folder say.
  private static String inWords(String message) {
    return message.equals("Is a directory") || message.equals("No such device")
        ? "it is a folder or a device, not a file"
        : message;
  }

  private static String lowerCase(String reason) {
    return Character.toLowerCase(reason.charAt(0)) + reason.substring(1);
  }
}
