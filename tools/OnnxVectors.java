import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.StringJoiner;

/// Vectors of texts by onnxruntime and Hugging Face's tokenizers, as witnesses of ours.
///
///     java -cp JARS tools/OnnxVectors.java MODEL.onnx TOKENIZER.json cls|mean < texts
///
/// JARS: com.microsoft.onnxruntime:onnxruntime and ai.djl.huggingface:tokenizers with what they
/// need. Reads a text a line; writes a vector of length 1 a line, as a JSON array.
/// `app/src/test/resources/encoders` was made by it.
public final class OnnxVectors {

  private OnnxVectors() {}

  public static void main(String[] arguments) throws Exception {
    boolean mean = arguments[2].equals("mean");
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    BufferedReader texts =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (HuggingFaceTokenizer tokenizer =
            HuggingFaceTokenizer.builder()
                .optTokenizerPath(Path.of(arguments[1]))
                .optTruncation(false)
                .optPadding(false)
                .build();
        OrtSession session = environment.createSession(arguments[0])) {
      for (String text = texts.readLine(); text != null; text = texts.readLine()) {
        Encoding ids = tokenizer.encode(text);
        try (OnnxTensor words = tensor(environment, ids.getIds());
            OnnxTensor mask = tensor(environment, ids.getAttentionMask());
            OnnxTensor types = tensor(environment, ids.getTypeIds());
            OrtSession.Result result =
                session.run(
                    Map.of("input_ids", words, "attention_mask", mask, "token_type_ids", types))) {
          float[][] states = ((float[][][]) result.get(0).getValue())[0];
          System.out.println(json(pooled(states, mean)));
        }
      }
    }
  }

  private static OnnxTensor tensor(OrtEnvironment environment, long[] row) throws Exception {
    return OnnxTensor.createTensor(environment, new long[][] {row});
  }

  private static double[] pooled(float[][] states, boolean mean) {
    double[] vector = new double[states[0].length];
    double squares = 0;
    for (int n = 0; n < vector.length; n++) {
      for (int token = 0; token < (mean ? states.length : 1); token++) {
        vector[n] += states[token][n];
      }
      squares += vector[n] * vector[n];
    }
    for (int n = 0; n < vector.length; n++) {
      vector[n] /= Math.sqrt(squares);
    }
    return vector;
  }

  private static String json(double[] vector) {
    StringJoiner numbers = new StringJoiner(",", "[", "]");
    for (double value : vector) {
      numbers.add(Float.toString((float) value));
    }
    return numbers.toString();
  }
}
