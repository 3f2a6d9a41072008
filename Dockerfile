# The command line in a container, under a user of its own:
#   docker build -t lengthwise . && docker run lengthwise generate -p 'public static void main('
#   docker run -p 8000:8000 -v lengthwise:/home/lengthwise lengthwise serve -m MODEL --host 0.0.0.0 --port 8000
# The volume keeps pulled models, and the native libraries that the first start unpacks (0.5 GB).
# libtorch needs glibc, so the images are not those of Alpine, and it comes for x86-64 alone: on
# other machines add --platform linux/amd64.
FROM eclipse-temurin:25-jdk AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc git libc6-dev maven && rm -rf /var/lib/apt/lists/*
# A Java with the Vector API and without compilers and tools: 130 MB. The archive of its classes is
# what that of ours stands on.
RUN jlink --output /opt/java --strip-debug --no-header-files --no-man-pages --generate-cds-archive \
      --add-modules java.compiler,java.desktop,java.management,java.naming,java.net.http,java.sql \
      --add-modules jdk.dynalink,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.unsupported,jdk.zipfs
WORKDIR /source
COPY . .
RUN mvn -B -q -ntp -pl app -am -Dmaven.test.skip=true -Dexec.skip=true package
# The launcher finds everything where a build leaves it, but for the libraries.
RUN lengthwise=/opt/lengthwise \
 && mkdir -p $lengthwise/core/target $lengthwise/server/target $lengthwise/app/target $lengthwise/libraries \
 && tr ':' '\n' < app/target/lengthwise.classpath | xargs -I{} cp {} $lengthwise/libraries/ \
 && sed -E "s|[^:]*/|$lengthwise/libraries/|g" app/target/lengthwise.classpath > $lengthwise/app/target/lengthwise.classpath \
 && cp -r lengthwise models $lengthwise/ \
 && cp core/kernels.compiler $lengthwise/core/ \
 && for module in core server app; do cp $module/target/lengthwise-$module-*.jar $lengthwise/$module/target/; done
# The launcher makes its archive of classes, for fast starts.
ENV LENGTHWISE_JAVA_HOME=/opt/java
RUN /opt/lengthwise/lengthwise --version

FROM ubuntu:24.04
COPY --from=build /opt/java /opt/java
COPY --from=build /opt/lengthwise /opt/lengthwise
RUN useradd --create-home --uid 10001 lengthwise
ENV LENGTHWISE_JAVA_HOME=/opt/java
USER lengthwise
WORKDIR /home/lengthwise
ENTRYPOINT ["/opt/lengthwise/lengthwise"]
