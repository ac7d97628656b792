# shellcheck shell=bash
# A Scheme prompt that is told something before each kill of its host, and asked for all of it afterwards.
# Sourced after worlds.sh, never run. Invariants: what is sent is followed by a checkpoint, after which it may not be lost;
# at the end the whole log must be what wasmkit's run prints for the same lines, so nothing was heard twice either.

# shellcheck disable=SC2154 # scratch, keyvm and seed are set by the files before this one

# say LINE: sends it to the prompt, and keeps it for the reference.
say() {
    quietly "$keyvm" send scheme "$1"
    echo "$1" >>"$scratch/scheme.lines"
}

# has_answered TEXT: whether it stands in the prompt's log.
has_answered() { [[ $("$keyvm" logs scheme) == *"$1"* ]]; }

# ask ROUND FACTS SUM: asks for every fact by its name, for what a list and a closure have kept of them, and waits for the
# right answer. The round makes each answer another text.
ask() {
    local round=$1 facts=$2 sum=$3 names='' number
    for ((number = 1; number <= round; number++)); do names+=" fact-$number"; done
    say "(list 'round $round (length told) (sum 0)$names)"
    wait_until 60 "the prompt to answer in round $round" has_answered "ts> (round $round $round $sum$facts)"
}

# scheme_prompt KILLS: fails when an answer is wrong or does not come.
scheme_prompt() {
    local kills=$1 kill fact facts='' sum=0 computing=0
    new_world scheme
    quietly "$keyvm" run --name scheme --log 16MiB "$built/tinyscheme.wasm"
    : >"$scratch/scheme.lines"
    boot_detached --every "$every"
    say "(define told '())"
    say "(define sum (let ((all 0)) (lambda (more) (set! all (+ all more)) all)))"
    say "(define (tell fact) (set! told (cons fact told)) (sum fact))"
    say "(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))"
    for ((kill = 1; kill <= kills; kill++)); do
        fact=$((RANDOM % 10000))
        facts+=" $fact" sum=$((sum + fact))
        say "(define fact-$kill $fact)"
        say "(tell fact-$kill)"
        say "(fib 20)"
        quietly "$keyvm" checkpoint create
        sleep_milliseconds $((RANDOM % 600))
        kill_host
        if process_is scheme ready; then computing=$((computing + 1)); fi
        boot_detached --every "$every"
        ask "$kill" "$facts" "$sum"
    done
    say "(quit 0)"
    wait_until 60 "the prompt to end" over scheme
    halt_world
    under_wasmkit "$built/tinyscheme.wasm" <"$scratch/scheme.lines" >"$scratch/scheme.expected"
    "$keyvm" logs scheme >"$scratch/scheme.got"
    cmp -s "$scratch/scheme.got" "$scratch/scheme.expected" || {
        echo "scheme: the log is not what wasmkit prints for the same lines, seed $seed" >&2
        return 1
    }
    fsck_clean || return 1
    all_kills=$((all_kills + kills))
    printf 'scheme      knows all %d facts after %d kills (%d in the middle of a computation); all %d lines answered as under wasmkit\n' \
        "$kills" "$kills" "$computing" "$(wc -l <"$scratch/scheme.lines")"
}
