package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.torch.ComputeDevice;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads a device: `cpu`, `cuda`, `cuda:1`.
public final class DeviceConverter implements ITypeConverter<ComputeDevice> {

  @Override
  public ComputeDevice convert(String text) {
    try {
      return ComputeDevice.of(text);
    } catch (LengthwiseException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
