package dev.lengthwise.torch;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_cuda;
import org.bytedeco.pytorch.global.torch_gloo;

/// The native libraries of libtorch, which take about a second to load.
///
/// A thread that loads them and another that meanwhile initialises a class of libtorch would wait
/// for each other for ever: whoever loads in the background calls [#load], and so does everybody
/// before the first use of libtorch that may come meanwhile.
///
/// Each method throws [dev.lengthwise.LengthwiseException] where the libraries cannot be unpacked
/// or loaded.
public final class Libtorch {

  private Libtorch() {}

  /// Loads the libraries, or waits until they are loaded.
  public static synchronized void load() {
    load("torch", torch.class);
  }

  /// Loads what computes on GPUs; a `LinkageError` where this build or machine has none.
  public static synchronized void loadCuda() {
    load();
    Loader.load(torch_cuda.class);
  }

  /// Loads what exchanges tensors between processes.
  public static synchronized void loadGloo() {
    load();
    load("torch-gloo", torch_gloo.class);
  }

  private static void load(String name, Class<?> type) {
    NativeCache.of(name, Loader.class, openblas.class, torch.class).load(() -> Loader.load(type));
  }

  /// Begins to load in the background. A failure is quiet: whoever needs the libraries meets it
  /// again.
  public static void loadInBackground() {
    Thread.ofPlatform()
        .daemon()
        .name("load-libtorch")
        .uncaughtExceptionHandler((_, _) -> {})
        .start(Libtorch::load);
  }
}
