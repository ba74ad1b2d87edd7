#!/usr/bin/env bash
# Instructions per operation under callgrind: a figure that noise cannot touch.
# Each line runs the same setup twice with different numbers of operations and divides the difference,
# so that the setup cancels out. SMALL and LARGE are the populations between which an empty poll is
# compared: LARGE=10000000 takes minutes under callgrind.
set -euo pipefail

small=${SMALL:-100}
large=${LARGE:-1000000}
here=$(cd "$(dirname "$0")" && pwd)
cargo build --quiet --release --manifest-path "$here/peers/Cargo.toml" --bin instructions
target=${CARGO_TARGET_DIR:-$here/peers/target}

count() { # operation activities operations
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$target/release/instructions" "$@" 2>&1 |
        sed -n 's/.*Collected : //p'
}

per() { # label operation activities fewer more
    local fewer more
    fewer=$(count "$2" "$3" "$4")
    more=$(count "$2" "$3" "$5")
    awk -v label="$1" -v activities="$3" -v fewer="$fewer" -v more="$more" -v operations="$(($5 - $4))" \
        'BEGIN { printf "%-52s %9d activities %9.1f\n", label, activities, (more - fewer) / operations }'
}

echo "instructions per operation"
per "heartbeat, the call alone" beat 10000 100000 200000
# Three whole periods: each 30 s, every timer comes round once.
per "heartbeat, with the polls and moves of a stepping host" steady 100000 0 300000
for activities in "$small" "$large"; do
    per "empty poll, one instant" poll "$activities" 10000 110000
done
# Within 10 s of starts up to 10 s: nothing is due before 30 s.
for activities in "$small" "$large"; do
    per "empty poll, 1 ms apart" poll-step "$activities" 0 10000
done
per "life: schedule, start, 3 beats, complete" life 10000 10000 110000
