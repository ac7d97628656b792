"""Measures what the past costs, backups beside a world that runs and going back, and whether it is what was; see tools/past."""

import os
import statistics
import subprocess
import time

from measuring import *
from places import places

# Fills its memory with numbers, of whose bytes about half are drawn, and then changes its pages at random for ever.
FILL = (
    """(module (memory {chunks})
  (func (export "_start") (local $i i32) (local $s i64)
    (local.set $s (i64.const 88172645463325252))
    (loop $fill
      (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 13))))
      (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
      (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
      (i64.store (local.get $i) (i64.shr_u (local.get $s) (i64.const 32)))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const {step}))) (i32.const {bytes}))))
"""
    + STORES)


def fill(name, pages, step, work):
    """A program of so many pages, of which it writes 8 bytes at each step at first."""
    return module(
        name, FILL.format(chunks=-(-pages // 16), bytes=pages * 4096 - 8, pages=pages, step=step, work=work))


def filled(path, pages):
    """Waits until so many pages were written."""
    while int(json.loads(keyvm("bank", "show", "-w", path, "root", "--json"))["pages"]) < pages:
        time.sleep(0.1)


def clock(path):
    return json.loads(keyvm("status", "-w", path, "--json"))["gasClock"]


def backup():
    """A backup of 1 GiB beside a world that runs, against `cat` of its file through zstd at the same level."""
    pages = 1 << 18
    path = world("backup")
    keyvm("run", "-w", path, "--name", "fill", fill("fill", pages, 8, 200_000))
    pid = boot(path, "--every", "5s")
    filled(path, pages)
    time.sleep(10)
    keyvm("checkpoint", "create", "-w", path)
    target = f"{SCRATCH}/target"
    streams = {
        "backup": f"{KEYVM} backup -w {path} {target}",
        "cat through zstd": f"cat {path}/store.mdb | zstd -3 -q -f -o {target}",
        "cat through zstd of one thread": f"cat {path}/store.mdb | zstd -3 -q -f --single-thread -o {target}",
    }
    seconds = {name: [] for name in streams}
    pace = {name: [] for name in ("", *streams)}
    for _ in range(5):
        for name in pace:
            begin, moved = time.perf_counter(), clock(path)
            if name:
                subprocess.run(["sh", "-c", streams[name]], check=True, stdout=subprocess.DEVNULL)
                seconds[name].append(time.perf_counter() - begin)
            else:
                time.sleep(3)
            moved = clock(path) - moved
            pace[name].append((time.perf_counter() - begin) / moved)
    for name in streams:
        print(f"{name}: {statistics.median(seconds[name]):.2f} s, file of {os.path.getsize(target) >> 20} MiB", flush=True)
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    show("backup of 1 GiB", medians["cat through zstd"], medians["backup"], "cat through zstd", "backup", 2)
    paces = {name: statistics.median(found) * 1e9 for name, found in pace.items()}
    show("the world, a billion of gas", paces[""], paces["backup"], "alone", "beside a backup", 1.15)
    print(f"beside cat through zstd {paces['cat through zstd'] / paces['']:.2f} times as long", flush=True)
    halt(path, pid)


def back(path, name):
    """The seconds that going back takes of a world that nobody runs, and the pages that it changes."""
    begin = time.perf_counter()
    said = json.loads(keyvm("rollback", "-w", path, name, "--json"))
    return time.perf_counter() - begin, said["pages"]


def rollback():
    """Going back by one checkpoint and by fifty, of a world of 5 GiB and of one of 64 MiB that change the same."""
    found = {}
    for size, processes, pages in ("5 GiB", 2, 655_360), ("64 MiB", 2, 8_192):
        path = world(f"rollback-{pages}")
        for number in range(processes):
            keyvm("run", "-w", path, "--name", f"fill-{number}", fill(f"fill-{number}-{pages}", pages, 4096, 100))
        pid = boot(path, "--every", "5s")
        filled(path, processes * pages)
        for number in range(processes):
            keyvm("stop", "-w", path, f"fill-{number}")
        halt(path, pid)
        keyvm("resume", "-w", path, "fill-0")
        for number in range(51):
            keyvm("checkpoint", "create", "-w", path, f"@{number}")
            # 2,000 stores or so, each to a page that is drawn.
            keyvm("boot", "-w", path, "--steps", "3000k")
        for name in "@50", "@0":
            seconds, changed = back(path, name)
            print(f"{size}, to {name}: {changed} pages changed, {seconds:.3f} s, {seconds / changed * 1e6:.0f} us a page")
            found[size, name] = (seconds, changed)
    for name in "@50", "@0":
        (large, many), (small, few) = found["5 GiB", name], found["64 MiB", name]
        show(f"going back to {name}, for 1,000 pages", small / few * 1000, large / many * 1000, "64 MiB", "5 GiB", 2)


run_parts((places, backup, rollback))
