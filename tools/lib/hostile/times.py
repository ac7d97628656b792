#!/usr/bin/env python3
"""Measures validation against wabt's wasm-validate: times.py TIMER SCRATCH

TIMER is the program made of ValidationTimer.swift, SCRATCH a folder of the caller's. For modules that both accept, at
half their size and at their size: processor time of this project's decoder and validator, that of wasm-validate less
what it takes for an empty module, their ratio, and how much doubling the module costs. Exits with 1 when a ratio is
above 3 or a doubling costs more than 3.2 times.
"""

import os
import subprocess
import sys

import modules

MOST_RATIO = 3.0
MOST_GROWTH = 3.2  # twice is linear, caches make it a little more, a square would be four times
LEAST_MICROSECONDS = 5_000  # of either: what takes less says little

# Sizes where the module's own would take wasm-validate very long: it is quadratic in types, and in block types of many
# values.
SIZES = {"types-many": 10_000, "blocks-wide-row": 20_000, "branch-table-wide": 200_000, "unreachable-calls": 40_000}
SKIPPED = {
    "names-many", "names-not-unicode",  # wasm-validate refuses them
    "locals-functions", "blocks-wide",
}


def other(path):
    """Least processor time of three runs of wasm-validate in microseconds, and whether it accepts."""
    least, accepts = None, False
    for _ in range(3):
        child = subprocess.Popen(
            ["wasm-validate", "--disable-simd", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        spent = int((usage.ru_utime + usage.ru_stime) * 1e6)
        least = spent if least is None else min(least, spent)
        accepts = status == 0
    return least, accepts


def own(timer, path):
    """Least processor time in microseconds, and what is said."""
    done = subprocess.run([timer, path], capture_output=True, text=True, timeout=120, check=True)
    _, microseconds, verdict = done.stdout.rstrip("\n").split("\t")
    return int(microseconds), verdict


def main(arguments):
    timer, scratch = arguments
    file = os.path.join(scratch, "module.wasm")
    with open(file, "wb") as output:
        output.write(modules.module())
    start, _ = other(file)
    print(f"{'module':24} {'bytes':>9} {'ms':>8} {'wabt ms':>8} {'ratio':>6} {'doubled':>8}")
    problems = 0
    for name, (size, end, _, make) in modules.CASES.items():
        size = SIZES.get(name, size)
        if "refused" == end or name in SKIPPED or size < 500:
            continue
        row = {}
        for each in (size // 2, size):
            with open(file, "wb") as output:
                output.write(make(each))
            row[each] = own(timer, file)
        microseconds, verdict = row[size]
        theirs, accepts = other(file)
        if verdict != "valid" or not accepts:
            print(f"{name:24} ours: {verdict}; wasm-validate accepts: {accepts}")
            problems += 1
            continue
        theirs = max(1, theirs - start)
        counts = microseconds >= LEAST_MICROSECONDS
        ratio = microseconds / theirs
        growth = microseconds / max(1, row[size // 2][0])
        print(
            f"{name:24} {os.path.getsize(file):>9} {microseconds / 1000:>8.1f} {theirs / 1000:>8.1f} {ratio:>6.2f} "
            f"{growth:>8.2f}" + ("" if counts else "  (too short to judge)"), flush=True)
        if counts and (ratio > MOST_RATIO or growth > MOST_GROWTH):
            print("  OUT OF BOUNDS")
            problems += 1
    os.unlink(file)
    print(f"{problems} out of bounds")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
