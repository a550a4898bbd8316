#!/bin/sh
# Stands before rustc (as RUSTC_WRAPPER): what is ours, what makes modules and what reads pictures and workbooks is compiled with
# coverage counters, and everything else as always. So the engine is not compiled a second time: its authors fuzz it.
set -eu
name=''
target=''
previous=''
for word; do
  [ "$previous" = --crate-name ] && name=$word
  [ "$previous" = --target ] && target=$word
  previous=$word
done
# Nothing keeps the counters in the guests that build scripts build, nor in what build scripts themselves use.
case $target:$name in
  wasm32-*:* | *:wardian_embed) exec "$@" ;;
esac
case $name in
  wardian_* | wasm_smith | png | gif | image_webp | zune_jpeg | jpeg_encoder | fast_image_resize | image | quick_xml | csv_core)
    exec "$@" --cfg fuzzing \
      -Cpasses=sancov-module \
      -Cllvm-args=-sanitizer-coverage-level=4 \
      -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
      -Cllvm-args=-sanitizer-coverage-pc-table \
      -Cllvm-args=-sanitizer-coverage-trace-compares
    ;;
esac
exec "$@"
