#!/bin/sh
# Runs the JMH benchmarks of the module bench, after `mvn -B -DskipTests package`:
#
#   tools/jmh.sh                     all of them
#   tools/jmh.sh -l                  their names
#   tools/jmh.sh Attention -p tokens=4096
#
# Takes every option of JMH (-h lists them). Needs a JDK 25 in LENGTHWISE_JAVA_HOME or on the path.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
java=java
if [ -n "${LENGTHWISE_JAVA_HOME:-}" ]; then java=$LENGTHWISE_JAVA_HOME/bin/java; fi
if ! "$java" --sun-misc-unsafe-memory-access=allow -version >/dev/null 2>&1; then
  echo "jmh.sh: $java is no JDK 25; name one in LENGTHWISE_JAVA_HOME" >&2
  exit 1
fi
classpath=$root/bench/target/benchmarks.classpath
if [ ! -r "$classpath" ]; then
  echo "jmh.sh: build first, with  mvn -B -DskipTests package" >&2
  exit 1
fi
exec "$java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  --sun-misc-unsafe-memory-access=allow \
  -cp "$root/bench/target/classes:$root/core/target/classes:$(cat "$classpath")" \
  org.openjdk.jmh.Main "$@"
