# shellcheck shell=bash
# Driving worlds from a script: a scratch folder, hosts that are started and killed, the fields of answers.
# Sourced after setup.sh, never run. Invariants: what was started is ended, and the scratch folder removed, however the
# script ends; every wait has a bound; only processes of this script are killed, by their ids.

# shellcheck disable=SC2154 # root and keyvm are set by setup.sh
# shellcheck disable=SC2034 # colours and examples are for the scripts that source this file

scratch='' keep=${keep:-0}
host=''
examples=$root/tools/examples

# colour only for people: a terminal that wants it
if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
    bold='' dim='' green='' red='' plain=''
fi

# open_scratch: makes the folder in which everything happens, and sees to its end.
open_scratch() {
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/keyvm.XXXXXX")
    export KEYVM_WORLD=$scratch/world
    trap close_scratch EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

close_scratch() {
    local code=$?
    trap - EXIT
    if [[ -n $host ]] && kill -0 "$host" 2>/dev/null; then
        kill -9 "$host" || true
        await_end "$host" || true
    fi
    if ((keep)); then
        printf 'kept: %s\n' "$scratch" >&2
    else
        rm -rf "$scratch"
    fi
    exit "$code"
}

# check TEXT COMMAND…: a step's proof; ends the script when the command fails.
check() {
    local text=$1
    shift
    if "$@"; then
        printf '%s  ok%s  %s\n' "$green" "$plain" "$text"
    else
        printf '%sFAIL%s  %s\n' "$red" "$plain" "$text"
        exit 1
    fi
}

# quietly COMMAND…: runs it without a word, unless it fails: then what it said is shown, and the script ends.
quietly() {
    "$@" >"$scratch/said" 2>&1 || {
        cat "$scratch/said" >&2
        exit 1
    }
}

# wait_until SECONDS WHAT COMMAND…: asks 20 times a second until the command holds.
wait_until() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        ((SECONDS < deadline)) || fail "waited too long for $what" "the bound is reached" "run it again with --keep, then: keyvm status -w $KEYVM_WORLD"
        sleep 0.05
    done
}

sleep_milliseconds() { sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"; }

# field JSON NAME: prints the first field of that name, strings without their quotes; nothing when there is none.
field() {
    local pattern="\"$2\"[[:space:]]*:[[:space:]]*(\"([^\"]*)\"|[^][:space:],}]+)"
    [[ $1 =~ $pattern ]] || return 0
    if [[ -n ${BASH_REMATCH[2]} ]]; then printf '%s\n' "${BASH_REMATCH[2]}"; else printf '%s\n' "${BASH_REMATCH[1]//\"/}"; fi
}

# status_field NAME: a field of the world's status.
status_field() { field "$("$keyvm" status --json)" "$1"; }

# process_field PROCESS NAME: a field of one process, by its whole name.
process_field() {
    local json pattern
    json=$("$keyvm" ps --json)
    pattern="\\{[^{}]*\"name\"[[:space:]]*:[[:space:]]*\"$1\"[^{}]*\\}"
    [[ $json =~ $pattern ]] || return 0
    field "${BASH_REMATCH[0]}" "$2"
}

world_is() { [[ $(status_field state) == "$1" ]]; }
process_is() { [[ $(process_field "$1" state) == "$2" ]]; }

# ended PID: whether a process is gone, or dead and not yet buried by its parent.
ended() {
    [[ -r /proc/$1/stat ]] || return 0
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    [[ ${stat##*) } == [ZX]* ]]
}

await_end() { wait_until 20 "process $1 to end" ended "$1"; }

# boot_detached [OPTIONS]: boots the world in the background and waits until it takes commands; sets `host`.
boot_detached() {
    "$keyvm" boot --detach "$@" >/dev/null ||
        fail "a boot failed" "keyvm said why above" "tail $KEYVM_WORLD/host.log, after another run with --keep"
    wait_until 30 "the world to run" world_is running
    host=$(status_field pid)
    [[ $host =~ ^[0-9]+$ ]] || fail "the host is unknown" "keyvm status names no pid" "keyvm status -w $KEYVM_WORLD"
}

# kill_host: ends the host at once, as a power cut would.
kill_host() {
    kill -9 "$host"
    await_end "$host"
    host=''
}

# kill_child: the same for a host that this shell started in the background; fails when it had ended by itself.
kill_child() {
    local code=0
    kill -9 "$host" 2>/dev/null || true
    wait "$host" 2>/dev/null || code=$?
    host=''
    ((code == 128 + 9))
}

# logged_lines PROCESS: how many whole lines it has written.
logged_lines() { "$keyvm" logs "$1" | wc -l; }

# call_depth PROCESS: how many calls deep it stands: the places of its call stack, each with one offset.
call_depth() { "$keyvm" inspect "$1" --json | awk '{ places += gsub(/"offset"/, "") } END { print places + 0 }'; }

# fsck_clean: whether the consistency check finds no problem; what it finds goes to standard error.
fsck_clean() {
    local answer
    answer=$("$keyvm" fsck 2>&1) || {
        printf '%s\n' "$answer" >&2
        return 1
    }
}

# is_beginning FILE WHOLE: whether FILE equals WHOLE as far as it goes.
is_beginning() {
    local bytes
    bytes=$(stat -c %s "$1")
    ((bytes <= $(stat -c %s "$2"))) && cmp -s -n "$bytes" "$1" "$2"
}

# native NAME: compiles an example for this machine, as the reference for what it should print.
native() {
    local clang
    clang=$(toolchain_program clang) || fail "the C compiler is missing" "there is no clang beside swift" "swift --version"
    "$clang" -O2 -ffp-contract=off "$examples/$1.c" -o "$scratch/$1.native"
}

# module NAME: compiles an example for worlds.
module() { "$root/tools/cc" "$examples/$1.c" -o "$scratch/$1.wasm"; }
