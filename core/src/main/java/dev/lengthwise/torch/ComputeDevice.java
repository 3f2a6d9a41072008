package dev.lengthwise.torch;

import dev.lengthwise.LengthwiseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/// Where libtorch keeps tensors and computes.
///
/// @param type kind of device
/// @param index which of that kind, from 0
public record ComputeDevice(DeviceType type, int index) {

  /// The processor.
  public static final ComputeDevice CPU = new ComputeDevice(DeviceType.CPU, 0);

  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,2}))?");

  /// `cpu`, `cuda` (the first) or `cuda:i`; [LengthwiseException] for any other name.
  public static ComputeDevice of(String name) {
    Matcher cuda = CUDA.matcher(name);
    if (cuda.matches()) {
      String index = cuda.group(1);
      return new ComputeDevice(DeviceType.CUDA, index == null ? 0 : Integer.parseInt(index));
    }
    if (name.equals("cpu")) {
      return CPU;
    }
    throw new LengthwiseException("Device '" + name + "' is none of cpu, cuda, cuda:0, cuda:1, …");
  }

  /// Whether this is a GPU.
  public boolean isCuda() {
    return type == DeviceType.CUDA;
  }

  /// The device `steps` further of the same kind; the processor stays itself.
  public ComputeDevice next(int steps) {
    return isCuda() ? new ComputeDevice(type, index + steps) : this;
  }

  /// Tries whether a tensor can live here; [LengthwiseException] with the reason otherwise.
  public void require() {
    if (!isCuda()) {
      return;
    }
    try (PointerScope _ = new PointerScope()) {
      Libtorch.loadCuda();
      place(torch.zeros(1)).add_(place(torch.ones(1)));
    } catch (RuntimeException | LinkageError e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new LengthwiseException(
          ("The device %s cannot be used (%s); it needs a build with mvn -Pcuda package, and on"
               + " this machine an NVIDIA driver, CUDA 13, cuDNN 9 and NCCL 2. Or compute on cpu.")
              .formatted(this, reason),
          e);
    }
  }

  /// `tensor`, or its copy here, through which gradients flow.
  public Tensor place(Tensor tensor) {
    try (Device there = tensor.device()) {
      if (there.type().intern() == type && (!isCuda() || there.index() == index)) {
        return tensor;
      }
    }
    try (Device here = torch()) {
      return tensor.to(here, tensor.scalar_type());
    }
  }

  /// The device as libtorch names it; owned by the receiver.
  public Device torch() {
    return isCuda() ? new Device(type, (byte) index) : new Device(type);
  }

  @Override
  public String toString() {
    String kind = type.name().toLowerCase(Locale.ROOT);
    return isCuda() ? kind + ":" + index : kind;
  }
}
