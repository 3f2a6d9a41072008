# The command line in a container: docker build -t lengthwise . && docker run -it lengthwise chat
# libtorch needs glibc, so the images are not those of Alpine.
FROM eclipse-temurin:25-jdk AS build
RUN apt-get update && apt-get install -y --no-install-recommends git maven && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# Set by BuildKit: the machine that the image is for.
ARG TARGETARCH
COPY . .
RUN if [ "$TARGETARCH" = arm64 ]; then natives=linux-arm64; else natives=linux-x86_64; fi \
 && mvn -B -q -pl app -am -Dnative.classifier="$natives" -Dmaven.test.skip=true -Dexec.skip=true package \
 && mkdir libraries \
 && tr ':' '\n' < app/target/lengthwise.classpath | xargs -I{} cp {} libraries/ \
 && cp core/target/lengthwise-core-*.jar server/target/lengthwise-server-*.jar \
      app/target/lengthwise-app-*.jar libraries/

FROM eclipse-temurin:25-jdk
COPY --from=build /source/libraries /opt/lengthwise/libraries
COPY --from=build /source/core/kernels.compiler /opt/lengthwise/core/kernels.compiler
COPY --from=build /source/models /opt/lengthwise/models
# As ./lengthwise, which says why.
ENV OPENBLAS_THREAD_TIMEOUT=4 OMP_WAIT_POLICY=PASSIVE
ENTRYPOINT ["java", \
  "--add-modules", "jdk.incubator.vector", \
  "--enable-native-access=ALL-UNNAMED", \
  "--sun-misc-unsafe-memory-access=allow", \
  "-XX:+UseSerialGC", \
  "-XX:Tier4InvocationThreshold=50000", "-XX:Tier4MinInvocationThreshold=6000", \
  "-XX:Tier4CompileThreshold=150000", "-XX:Tier4BackEdgeThreshold=400000", \
  "-XX:CompileCommandFile=/opt/lengthwise/core/kernels.compiler", \
  "-Djava.awt.headless=true", "-Dstdout.encoding=UTF-8", "-Dstderr.encoding=UTF-8", \
  "-Dorg.bytedeco.javacpp.maxBytes=0", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", \
  "-Dlengthwise.home=/opt/lengthwise", \
  "-cp", "/opt/lengthwise/libraries/*", \
  "dev.lengthwise.app.Main"]
