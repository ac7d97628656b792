# shellcheck shell=bash
# The real programs in worlds: undisturbed, killed in their middle, and the Scheme prompt that is told things.
# Sourced after cases.sh, never run. Invariants: a kill counts only when the program had begun by the last checkpoint and
# not ended by the kill; all random moments come from one seed.

# shellcheck disable=SC2154 # scratch, keyvm, built and seed are set by what sources this

log_bound=256MiB # nothing may be dropped from a log
every=100ms
endless=9223372036854775807 # more gas than any process uses

# new_world NAME: an empty one in place of the last.
new_world() {
    export KEYVM_WORLD=$scratch/$1.world
    rm -rf "$KEYVM_WORLD"
    quietly "$keyvm" init "$KEYVM_WORLD" --seed "$seed"
}

# put_case CASE: the case's process in a new world, which is halted.
put_case() {
    arguments_of "$1"
    new_world "$1"
    quietly "$keyvm" run --name "$1" --log "$log_bound" --stdin "$scratch/$1.input" "$built/$(program_of "$1").wasm" "${arguments[@]}"
}

halt_world() {
    quietly "$keyvm" halt
    await_end "$host"
    host=''
}

# over NAME: whether a process will do nothing more.
over() { [[ $(process_field "$1" state) =~ ^(exited|faulted|frozen-.*)$ ]]; }

# has_used NAME GAS: whether a process has come so far, or to its end, or its host has ended.
has_used() {
    local used
    used=$(process_field "$1" gasUsed)
    ((${used:-0} >= $2)) || over "$1" || ended "$host"
}

# host_lives: whether the host that was booted still runs; says so when it does not.
host_lives() {
    ended "$host" || return 0
    echo "the host ended by itself: $(tail -n 3 "$KEYVM_WORLD/host.log" 2>/dev/null | tr '\n' ' ')" >&2
    host=''
    return 1
}

# run_on NAME GAS: lets the world run until a process has used so much gas or does nothing more; fails when the host ends.
run_on() {
    wait_until 600 "$1 to come to gas $2" has_used "$1" "$2"
    host_lives
}

# run_case CASE: undisturbed. Prints a row; fails when anything differs. Keeps the gas that it took in $scratch/CASE.gas.
run_case() {
    local began took gas
    make_reference "$1"
    put_case "$1"
    began=$(now)
    boot_detached --every "$every"
    run_on "$1" "$endless" || return 1
    took=$(($(now) - began))
    gas=$(process_field "$1" gasUsed)
    echo "$gas" >"$scratch/$1.gas"
    halt_world
    judge "$1" "$1" || return 1
    fsck_clean || return 1
    printf '%-11s equal: %8d bytes of output; %s s in a world with its boot, %s s under wasmkit, gas %d\n' "$1" \
        "$(stat -c %s "$scratch/$1.got")" "$(seconds_of "$took")" "$(seconds_of "$(<"$scratch/$1.milliseconds")")" "$gas"
}

# gas_is_fixed CASE: whether it takes the same gas each time. Lua mixes the time into its hashes, speedtest1 prints times.
gas_is_fixed() { [[ $1 != lua && $1 != speedtest1 ]]; }

# kill_case CASE KILLS: one run, killed so often at random moments, each in its own stretch of the whole gas; fails when
# anything differs. Sets `in_middle` to whether each kill found the program begun, further than before, and not at its end.
kill_case() {
    local name=$1 kills=$2 whole kill goal used=0 previous
    whole=$(<"$scratch/$name.gas")
    in_middle=1
    put_case "$name"
    for ((kill = 0; kill < kills; kill++)); do
        boot_detached --every "$every"
        # between 4 and 96 of a hundred parts of the gas
        goal=$((whole / 25 + whole * 92 * (1000 * kill + RANDOM % 1000) / (100000 * kills)))
        run_on "$name" "$goal" || return 1
        sleep_milliseconds $((RANDOM % 60))
        host_lives || return 1
        kill_host
        previous=$used
        used=$(process_field "$name" gasUsed)
        if over "$name" || ((used <= previous)); then in_middle=0; fi
    done
    boot_detached --every "$every"
    run_on "$name" "$endless" || return 1
    used=$(process_field "$name" gasUsed)
    halt_world
    judge "$name" "$name" && fsck_clean || return 1
    if gas_is_fixed "$name" && ((used != whole)); then
        echo "$name: took $used gas, and $whole undisturbed" >&2
        return 1
    fi
}

# kill_case_often CASE KILLS TIMES: until so many runs were killed in their middle, in at most twice as many attempts.
kill_case_often() {
    local name=$1 kills=$2 times=$3 good=0 attempt began=$SECONDS
    for ((attempt = 1; good < times && attempt <= 2 * times; attempt++)); do
        kill_case "$name" "$kills" || {
            echo "$name: in run $attempt, seed $seed; again: tools/programs kill --kills $kills --times $times --seed $seed --keep $name" >&2
            return 1
        }
        good=$((good + in_middle))
        if [[ -t 1 ]]; then printf '\r%s: %d of %d' "$name" "$good" "$times"; fi
    done
    if [[ -t 1 ]]; then printf '\r\e[K'; fi
    ((good == times)) || {
        echo "$name: only $good of $((attempt - 1)) runs were killed in their middle" >&2
        return 1
    }
    all_kills=$((all_kills + kills * (attempt - 1)))
    printf '%-11s equal: %d of %d runs, each killed and booted %d times in its middle, fsck clean; %d s\n' \
        "$name" "$good" "$times" "$kills" $((SECONDS - began))
}
