"""Compares our engine with others on generated modules: called by tools/compare, which says what the arguments are.

Seeds go in batches to worker processes. A batch is generated, run by one run-exports, and each transcript is held against
every peer. Exits with 1 where a difference is left unexplained; each is kept in a folder of its own with what it takes to
see it again.
"""

import argparse
import collections
import concurrent.futures
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import interp_peer
import transcript
from generate import generate, without_nan

try:
    import wasmtime_peer
except ImportError:
    wasmtime_peer = None  # type: ignore[assignment]

BATCH = 25


def run_exports(program: str, options: list[str], paths: list[Path]) -> list[transcript.Played]:
    """What run-exports says of the modules; where it ends early, the module it stopped at is not complete."""
    played: list[transcript.Played] = []
    rest = list(paths)
    while rest:
        try:
            done = subprocess.run([program, *options, *map(str, rest)], capture_output=True, text=True,
                                  timeout=120 + 10 * len(rest), env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
            output = done.stdout
        except subprocess.TimeoutExpired as late:
            output = (late.stdout or b"").decode(errors="replace")
        got = transcript.parse(output) or [transcript.Played(str(rest[0]))]
        played += got
        rest = rest[len(got):]
        if got[-1].complete and rest:
            raise RuntimeError(f"run-exports was silent about {rest[0]}")
    return played


class Batch:
    """Some seeds: what was counted, and the differences."""

    def __init__(self, program: str, makes: bool = False) -> None:
        self.program = program
        # Whether run-exports makes the modules; else binaryen.
        self.makes = makes
        self.count: collections.Counter[str] = collections.Counter()
        # Seed, peer, what differs, our lines, its lines.
        self.differences: list[tuple[int, str, str, list[str], list[str]]] = []
        self.interp = interp_peer.Peer()
        self.wasmtime = wasmtime_peer.Peer() if wasmtime_peer else None

    def run(self, seeds: list[int], folder: Path) -> None:
        if self.makes:
            subprocess.run([self.program, "--make", str(folder), *map(str, seeds)], check=True, timeout=60)
            paths = [folder / f"{seed}.wasm" for seed in seeds]
            # Some of these go on for ever.
            options = ["--gas", "200000"]
            if seeds == [0]:
                # Each numeric instruction with all pairs of extremes.
                options += ["--pairs", "--stops", "1"]
        else:
            paths = [generate(seed, folder) for seed in seeds]
            options = []
        for seed, path, one in zip(seeds, paths, run_exports(self.program, options, paths)):
            self.judge(seed, path, one)

    def report(self, seed: int, peer: str, what: str, ours: list[str], theirs: list[str]) -> None:
        self.differences.append((seed, peer, what, ours, theirs))

    def judge(self, seed: int, path: Path, ours: transcript.Played) -> None:
        self.count["modules"] += 1
        lines = [line for one in ours.programmes.values() for line in one]
        if not ours.complete:
            self.report(seed, "run-exports", "it crashed or took too long", lines, [])
            return
        self.count["calls"] += sum(line.startswith("call ") for line in lines)
        self.count["traps"] += sum(line.startswith("  => trap") for line in lines)
        self.count["host calls"] += sum(line.startswith("  host ") for line in lines)
        self.count["no gas"] += sum(line == "  => no gas" for line in lines)
        self.count["gas"] += ours.gas
        self.count["reloads"] += ours.reloads
        for line in ours.slices:
            self.report(seed, "slices", line, lines, [])
        if ours.skipped:
            self.count["skipped"] += 1
            return
        self.count["refused" if ours.refused else "run"] += 1
        if self.wasmtime:
            self.against_wasmtime(seed, path.read_bytes(), ours)
        # Its NaNs are those of the processor.
        if without_nan(seed) and not self.makes:
            self.against_interp(seed, path, ours)

    def against_wasmtime(self, seed: int, binary: bytes, ours: transcript.Played) -> None:
        assert self.wasmtime
        module = self.wasmtime.compiled(binary)
        if (module is None) != (ours.refused is not None):
            self.report(seed, "wasmtime", f"ours {ours.refused or 'accepts'}, theirs the contrary", [], [])
        if module is None or ours.refused:
            return
        self.count["compared with wasmtime"] += 1
        for name, lines in ours.programmes.items():
            lines = transcript.until_no_gas(lines)
            if lines:
                self.compare(seed, f"wasmtime-{name}", lines, self.wasmtime.replay(module, lines))

    def against_interp(self, seed: int, path: Path, ours: transcript.Played) -> None:
        plain = ours.programmes.get("plain", [])
        if "  => no gas" in plain:
            return
        theirs = self.interp.run(path)
        if (theirs is None) != (ours.refused is not None):
            self.report(seed, "wasm-interp", f"ours {ours.refused or 'accepts'}, theirs the contrary", [], [])
        if theirs is None or ours.refused:
            return
        self.count["compared with wasm-interp"] += 1
        self.compare(seed, "wasm-interp", interp_peer.as_interp(plain), theirs)

    def compare(self, seed: int, peer: str, ours: list[str], theirs: list[str]) -> None:
        what, reason = transcript.difference(ours, theirs)
        if reason:
            self.count[f"explained: {reason}"] += 1
        if what:
            self.report(seed, peer, what, ours, theirs)


def run_batch(program: str, makes: bool, seeds: list[int], keep: str) -> tuple[collections.Counter[str], list[str]]:
    """Runs the seeds; returns what was counted and one line for each difference, which is kept in the folder `keep`."""
    batch = Batch(program, makes)
    made = " --made" if makes else " --binaryen"
    with tempfile.TemporaryDirectory(prefix="compare-") as scratch:
        try:
            batch.run(seeds, Path(scratch))
        except Exception as problem:  # as text, for what peers throw cannot be sent to another process
            raise RuntimeError(repr(problem)) from None
        told = []
        for seed, peer, what, ours, theirs in batch.differences:
            folder = Path(keep) / f"{'made-' if makes else ''}{seed}-{peer}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "module.wasm").write_bytes((Path(scratch) / f"{seed}.wasm").read_bytes())
            (folder / "ours").write_text("\n".join(ours) + "\n")
            (folder / "theirs").write_text("\n".join(theirs) + "\n")
            (folder / "again").write_text(f"tools/compare 1 --seed {seed}{made}\n")
            told.append(f"seed {seed}, {peer}: {what}\n  kept in {folder}; again: tools/compare 1 --seed {seed}{made}")
    return batch.count, told


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/compare")
    parser.add_argument("count", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("program")
    parser.add_argument("keep")
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--made", action="store_true")
    kind.add_argument("--binaryen", action="store_true")
    given = parser.parse_args()
    seeds = list(range(given.seed, given.seed + given.count))
    # The first of ours is another kind and has a batch of its own.
    alone, seeds = (seeds[:1], seeds[1:]) if given.made and given.seed == 0 else ([], seeds)
    batches = [alone] * bool(alone) + [seeds[place:place + BATCH] for place in range(0, len(seeds), BATCH)]
    total: collections.Counter[str] = collections.Counter()
    found = 0
    begin = last = time.monotonic()
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count() or 1) as pool:
        waiting = {pool.submit(run_batch, given.program, given.made, batch, given.keep): batch for batch in batches}
        for done in concurrent.futures.as_completed(waiting):
            batch = waiting[done]
            try:
                count, told = done.result()
            except Exception as problem:  # a peer that takes its process with it, or wasm-opt
                count, told = collections.Counter(), [f"seeds {batch[0]} to {batch[-1]}: {problem!r}"]
            total += count
            found += len(told)
            for line in told:
                print(line, flush=True)
            if time.monotonic() - last > 60:
                last = time.monotonic()
                print(f"  {total['modules']} of {given.count}, {found} differences", file=sys.stderr, flush=True)
    seconds = time.monotonic() - begin
    for name in sorted(total):
        print(f"  {name}: {total[name]:,}")
    print(f"  modules a second: {total['modules'] / seconds:.1f}")
    if not total["run"]:
        print("compare: nothing was run")
        return 1
    with_interp = "compared with wasm-interp" in total
    peers = " and ".join(["wasmtime"] * bool(wasmtime_peer) + ["wasm-interp"] * with_interp) or "itself in slices alone"
    source = "made here" if given.made else "by binaryen"
    print(f"compare: {total['modules']} modules {source} of seeds {given.seed} to {given.seed + given.count - 1} against {peers}, "
          f"{found} unexplained differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
