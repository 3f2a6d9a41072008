package dev.lengthwise.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a request may say beside the common parameters: a position method, and a seed.
public final class LengthwiseChatRequestParameters extends DefaultChatRequestParameters {

  private final @Nullable String positionMethod;
  private final @Nullable Long seed;

  private LengthwiseChatRequestParameters(Builder builder) {
    super(builder);
    this.positionMethod = builder.positionMethod;
    this.seed = builder.seed;
  }

  /// The position method of the request, such as `rerope:window=512`; `null`: that of the model.
  public @Nullable String positionMethod() {
    return positionMethod;
  }

  /// The seed of what is drawn; `null`: any.
  public @Nullable Long seed() {
    return seed;
  }

  @Override
  public ChatRequestParameters overrideWith(ChatRequestParameters that) {
    return builder().overrideWith(this).overrideWith(that).build();
  }

  @Override
  public ChatRequestParameters defaultedBy(ChatRequestParameters that) {
    return builder().overrideWith(that).overrideWith(this).build();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LengthwiseChatRequestParameters that
        && super.equals(that)
        && Objects.equals(positionMethod, that.positionMethod)
        && Objects.equals(seed, that.seed);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), positionMethod, seed);
  }

  /// Parameters, none of them set.
  public static Builder builder() {
    return new Builder();
  }

  /// Makes parameters.
  public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {

    private @Nullable String positionMethod;
    private @Nullable Long seed;

    private Builder() {}

    /// Takes what other parameters set.
    @Override
    public Builder overrideWith(ChatRequestParameters parameters) {
      super.overrideWith(parameters);
      if (parameters instanceof LengthwiseChatRequestParameters own) {
        positionMethod = own.positionMethod == null ? positionMethod : own.positionMethod;
        seed = own.seed == null ? seed : own.seed;
      }
      return this;
    }

    /// The position method of the request, such as `rerope:window=512`.
    public Builder positionMethod(String method) {
      this.positionMethod = method;
      return this;
    }

    /// The seed of what is drawn.
    public Builder seed(long value) {
      this.seed = value;
      return this;
    }

    @Override
    public LengthwiseChatRequestParameters build() {
      return new LengthwiseChatRequestParameters(this);
    }
  }
}
