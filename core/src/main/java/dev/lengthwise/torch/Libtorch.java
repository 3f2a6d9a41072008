package dev.lengthwise.torch;

import java.util.List;
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

  private static final String SET = "libtorch";
  private static final Class<?>[] OWNERS = {Loader.class, openblas.class, torch.class};

  private Libtorch() {}

  /// Loads the libraries, or waits until they are loaded.
  public static synchronized void load() {
    liftLimits();
    NativeCache.of(SET, OWNERS)
        .load(() -> Loader.load(torch.class), Libtorch::loadAll, Loader::getLoadedLibraries);
  }

  // JavaCPP refuses to allocate where a process has more memory than some multiple of its heap.
  // Weights are mapped files, which count and are not on that heap. Who sets the limits keeps them.
  private static void liftLimits() {
    for (String limit : List.of("maxBytes", "maxPhysicalBytes")) {
      String property = "org.bytedeco.javacpp." + limit;
      if (System.getProperty(property) == null) {
        System.setProperty(property, "0");
      }
    }
  }

  // What exchanges tensors is missing on some systems.
  private static void loadAll() {
    Loader.load(torch.class);
    Loader.load(new Class<?>[] {torch_gloo.class}, false);
  }

  /// Loads what exchanges tensors between processes.
  public static synchronized void loadGloo() {
    load();
    Loader.load(torch_gloo.class);
  }

  /// Loads what computes on GPUs; a `LinkageError` where this build or machine has none.
  public static synchronized void loadCuda() {
    load();
    Loader.load(torch_cuda.class);
  }

  /// Begins to load in the background, in a process of our own, where nobody else uses JavaCPP. A
  /// failure is quiet: whoever needs the libraries meets it again.
  public static void loadInBackground() {
    Thread.ofPlatform()
        .daemon()
        .name("load-libtorch")
        .uncaughtExceptionHandler((_, _) -> {})
        .start(
            () -> {
              NativeCache.spareSearch(SET, OWNERS);
              load();
            });
  }
}
