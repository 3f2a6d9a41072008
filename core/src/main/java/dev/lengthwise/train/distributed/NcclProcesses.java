package dev.lengthwise.train.distributed;

import dev.lengthwise.torch.ComputeDevice;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch_nccl;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/// Processes with a GPU each: they meet and talk through Gloo, and gradients go from GPU to GPU
/// through c10d's NCCL.
public final class NcclProcesses implements DataParallel {

  private final GlooProcesses meeting;
  private final ProcessGroupNCCL group;
  private final ComputeDevice device;

  private NcclProcesses(GlooProcesses meeting, ProcessGroupNCCL group, ComputeDevice device) {
    this.meeting = meeting;
    this.group = group;
    this.device = device;
  }

  /// Meets the other processes; [dev.lengthwise.LengthwiseException] when they do not come in time.
  ///
  /// @param device the GPU of this process alone
  public static NcclProcesses join(Rendezvous rendezvous, ComputeDevice device) {
    Loader.load(torch_nccl.class);
    GlooProcesses meeting = GlooProcesses.join(rendezvous);
    try (PointerScope _ = new PointerScope()) {
      ProcessGroupNCCL group =
          new ProcessGroupNCCL(meeting.store(), meeting.rank(), meeting.size());
      group.retainReference();
      return new NcclProcesses(meeting, group, device);
    } catch (RuntimeException | Error e) {
      meeting.close();
      throw e;
    }
  }

  @Override
  public int rank() {
    return meeting.rank();
  }

  @Override
  public int size() {
    return meeting.size();
  }

  @Override
  public ComputeDevice device() {
    return device;
  }

  @Override
  public void sum(Tensor values) {
    GlooProcesses.exchange(() -> group.allreduce(new TensorVector(values)));
  }

  @Override
  public byte[] fromFirst(byte[] content) {
    return meeting.fromFirst(content);
  }

  @Override
  public void close() {
    group.releaseReference();
    meeting.close();
  }
}
