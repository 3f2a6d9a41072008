package dev.lengthwise.example;

import dev.lengthwise.CancelToken;
import dev.lengthwise.Chat;
import dev.lengthwise.ContextPolicy;
import dev.lengthwise.Model;
import dev.lengthwise.Session;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.Sampling;
import java.util.Scanner;

/// The programs that the README shows: what stands between `begin` and `end` is there, letter by
/// letter.
final class Programs {

  private Programs() {}

  static void text(String name) {
    // begin text
    try (Model model = Model.open(name);
        Session session = model.with("rerope:window=64").session()) {
      session.generate("public static int max(", Sampling.GREEDY, System.out::print);
    }
    // end text
  }

  @SuppressWarnings("DefaultCharset") // that of the terminal
  static void chat(String name) {
    // begin chat
    try (Model model = Model.open(name);
        Chat chat = model.with("declared").chat(ContextPolicy.dropOldestTurns(32_768));
        Scanner lines = new Scanner(System.in)) {
      GenerationOptions options = GenerationOptions.of(new Sampling(0.7, 40, 0.95, 0.05, 42), 500);
      while (lines.hasNextLine()) {
        String line = lines.nextLine();
        if (line.startsWith("/method ")) { // in the middle of a conversation
          chat.session().changeMethod(line.substring("/method ".length()));
        } else {
          CancelToken cancel = new CancelToken(); // cancel.cancel(), from any thread
          chat.say(line, options, System.out::print, cancel);
        }
      }
      System.out.println(chat.session().context());
    }
    // end chat
  }
}
