# shellcheck shell=bash
# What each real program is given to do, and what comes of it under the toolchain's wasmkit: the reference.
# Sourced after build.sh, never run. Invariants: a case's output is compared byte for byte and so is its exit code; only
# what speedtest1 says of elapsed time is left out of that.

# shellcheck disable=SC2034,SC2154 # cases is for the script; built, shims and scratch are set by the files before this one

# minigzip compresses in one case and decompresses in another
cases=(tinyscheme lua quickjs minigzip minigunzip speedtest1)

# program_of CASE: the program that it runs.
program_of() { if [[ $1 == minigunzip ]]; then echo minigzip; else echo "$1"; fi; }

# arguments_of CASE: sets `arguments`, what stands after the program.
arguments_of() {
    case $1 in
    lua) arguments=(-) ;;
    minigunzip) arguments=(-d) ;;
    speedtest1) arguments=(--memdb --verify --size 12) ;;
    *) arguments=() ;;
    esac
}

# make_text MEBIBYTES: words of a fixed sequence, which compress to about a third; the same each time.
make_text() {
    awk -v bytes=$(($1 << 20)) 'BEGIN {
        state = 42
        while (written < bytes) {
            line = ""
            for (i = 0; i < 12; i++) {
                state = (state * 16807) % 2147483647
                word = state % 3000
                line = line (i ? " " : "") "w" word (word % 7 ? "" : "-" state % 97)
            }
            print line
            written += length(line) + 1
        }
    }'
}

# make_input CASE: its standard input, in $scratch/CASE.input.
make_input() {
    local input=$scratch/$1.input
    case $1 in
    tinyscheme) cp "$shims/tinyscheme/workload.scm" "$input" ;;
    lua) cp "$shims/lua/workload.lua" "$input" ;;
    quickjs) cp "$shims/quickjs/workload.js" "$input" ;;
    minigzip) make_text 4 >"$input" ;;
    minigunzip)
        # what the case before it made; with more of it, since unpacking is quicker
        [[ -f $scratch/minigzip.expected ]] || make_reference minigzip
        local i
        for ((i = 0; i < 8; i++)); do cat "$scratch/minigzip.expected"; done >"$input"
        ;;
    speedtest1) : >"$input" ;;
    esac
}

# without_times CASE: standard input without what is different at each run.
without_times() {
    if [[ $1 == speedtest1 ]]; then sed -E 's/ +[0-9]+\.[0-9]{3}s$/ (time)/'; else cat; fi
}

# now: the time in milliseconds.
now() { echo $(($(date +%s%N) / 1000000)); }

# seconds_of MILLISECONDS: in words of people, with a tenth.
seconds_of() { echo $(($1 / 1000)).$(($1 / 100 % 10)); }

# make_reference CASE: its input, $scratch/CASE.expected and $scratch/CASE.code, unless they are there; how long wasmkit took
# is in $scratch/CASE.milliseconds.
make_reference() {
    local code=0 began
    [[ -f $scratch/$1.code ]] && return
    make_input "$1"
    arguments_of "$1"
    began=$(now)
    under_wasmkit "$built/$(program_of "$1").wasm" "${arguments[@]}" <"$scratch/$1.input" >"$scratch/$1.raw" 2>&1 || code=$?
    echo $(($(now) - began)) >"$scratch/$1.milliseconds"
    ((code == 0)) || {
        tail -n 5 "$scratch/$1.raw" >&2
        fail "$1 fails under wasmkit" "its exit code is $code" "tools/programs run $1 --keep"
    }
    without_times "$1" <"$scratch/$1.raw" >"$scratch/$1.expected"
    rm "$scratch/$1.raw"
    if [[ $1 == minigunzip ]]; then
        unpacked_is_original || fail "minigzip does not give back what it was given" "see $scratch" "tools/programs run minigunzip --keep"
    fi
    echo "$code" >"$scratch/$1.code"
}

# unpacked_is_original: whether the reference of minigunzip is the text of minigzip, eight times.
unpacked_is_original() {
    local i
    for ((i = 0; i < 8; i++)); do cat "$scratch/minigzip.input"; done | cmp -s - "$scratch/minigunzip.expected"
}

# judge CASE NAME: compares a process that has exited with the reference; says what differs.
judge() {
    local code
    "$keyvm" logs "$2" | without_times "$1" >"$scratch/$1.got"
    code=$(process_field "$2" exitCode)
    if ! cmp -s "$scratch/$1.got" "$scratch/$1.expected"; then
        echo "$1: the output differs: $(cmp "$scratch/$1.got" "$scratch/$1.expected" 2>&1 | head -n 1)" >&2
        return 1
    fi
    [[ $code == "$(<"$scratch/$1.code")" ]] || {
        echo "$1: exit code $code, and $(<"$scratch/$1.code") under wasmkit" >&2
        return 1
    }
}
