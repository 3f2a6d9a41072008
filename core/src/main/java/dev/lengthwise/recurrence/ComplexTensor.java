package dev.lengthwise.recurrence;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Complex numbers as two real tensors, so that every type and operation of real numbers does.
///
/// @param real real parts
/// @param imaginary imaginary parts, of the shape of `real`
public record ComplexTensor(Tensor real, Tensor imaginary) {

  /// `r · e^(iφ)`.
  ///
  /// @param modulus `r`
  /// @param phase `φ`
  public static ComplexTensor polar(Tensor modulus, Tensor phase) {
    return new ComplexTensor(modulus.mul(phase.cos()), modulus.mul(phase.sin()));
  }

  /// The first half of the last dimension as real parts, the second half as imaginary parts.
  public static ComplexTensor halves(Tensor joined) {
    long size = joined.size(-1) / 2;
    return new ComplexTensor(joined.narrow(-1, 0, size), joined.narrow(-1, size, size));
  }

  /// Real and imaginary parts side by side in the last dimension: the inverse of [#halves].
  public Tensor joined() {
    return torch.cat(new TensorVector(real, imaginary), -1);
  }

  /// The sum; shapes broadcast.
  public ComplexTensor plus(ComplexTensor other) {
    return new ComplexTensor(real.add(other.real), imaginary.add(other.imaginary));
  }

  /// The product; shapes broadcast.
  public ComplexTensor times(ComplexTensor other) {
    return new ComplexTensor(
        real.mul(other.real).sub(imaginary.mul(other.imaginary)),
        real.mul(other.imaginary).add(imaginary.mul(other.real)));
  }

  /// The product with real numbers; shapes broadcast.
  public ComplexTensor times(Tensor factor) {
    return new ComplexTensor(real.mul(factor), imaginary.mul(factor));
  }

  /// The part `[from, from + count)` of dimension `dimension`.
  public ComplexTensor narrow(long dimension, long from, long count) {
    return new ComplexTensor(
        real.narrow(dimension, from, count), imaginary.narrow(dimension, from, count));
  }

  /// The same with two dimensions exchanged.
  public ComplexTensor transpose(long first, long second) {
    return new ComplexTensor(real.transpose(first, second), imaginary.transpose(first, second));
  }

  /// This, then `next`, along dimension `dimension`.
  public ComplexTensor followedBy(ComplexTensor next, long dimension) {
    return new ComplexTensor(
        torch.cat(new TensorVector(real, next.real), dimension),
        torch.cat(new TensorVector(imaginary, next.imaginary), dimension));
  }
}
