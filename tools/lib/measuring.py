"""What the measuring scripts share: worlds, hosts, modules, medians, and the verdict on a ratio."""

import atexit
import json
import os
import signal
import statistics
import subprocess
import sys
import time

KEYVM, BENCH, SCRATCH, PART = sys.argv[1:5]


# The end of a program of one page or more, with locals $i and $s, $s not 0: stores to random pages of the first {pages} for ever, with {work}
# steps of a generator between two stores.
STORES = """
    (loop $l
      (local.set $i (i32.const {work}))
      (loop $w
        (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 13))))
        (local.set $s (i64.xor (local.get $s) (i64.shr_u (local.get $s) (i64.const 7))))
        (local.set $s (i64.xor (local.get $s) (i64.shl (local.get $s) (i64.const 17))))
        (br_if $w (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (i64.store
        (i32.mul (i32.wrap_i64 (i64.rem_u (local.get $s) (i64.const {pages}))) (i32.const 4096)) (local.get $s))
      (br $l))))"""


# The beginning of a program with a message at 0 and a received message at 64.
IMPORTS = """(module
  (import "keyvm" "call" (func $call (param i32 i32 i32) (result i32)))
  (import "keyvm" "return" (func $return (param i32 i32 i32) (result i32)))
  (memory 1)
  (data (i32.const 4) "\\ff\\ff\\ff\\ff")
  (data (i32.const 68) "\\ff\\ff\\ff\\0b")
  (data (i32.const 96) "\\00\\04\\00\\00\\10\\00\\00\\00")
  (func (export "_start") (local $i i32) (local $n i32)
"""

# Answers each call with the word that came.
SERVER = IMPORTS + """
    (local.set $n (i32.const 255))
    (loop $l
      (drop (call $return (local.get $n) (i32.const 0) (i32.const 64)))
      (i64.store (i32.const 8) (i64.load (i32.const 72)))
      (local.set $n (i32.const 11))
      (br $l))))"""


def keyvm(*words, check=True):
    ran = subprocess.run([KEYVM, *words], capture_output=True, text=True)
    if check and ran.returncode != 0:
        sys.exit(f"keyvm {' '.join(words)}: {ran.stderr}")
    return ran.stdout


def module(name, text):
    path = f"{SCRATCH}/{name}"
    with open(f"{path}.wat", "w") as file:
        file.write(text)
    subprocess.run(["wat2wasm", f"{path}.wat", "-o", f"{path}.wasm"], check=True)
    return f"{path}.wasm"


def world(name, *options):
    path = f"{SCRATCH}/{name}"
    keyvm("init", path, *options)
    return path


def timed(body):
    begin = time.perf_counter()
    body()
    return time.perf_counter() - begin


def by_turns(bodies, times=9):
    """The median of each body's seconds, the bodies taken by turns."""
    found = [[] for _ in bodies]
    for _ in range(times):
        for index, body in enumerate(bodies):
            found[index].append(timed(body))
    return [statistics.median(each) for each in found]


beyond = []


def show(name, few, many, few_name, many_name, limit):
    """Prints two figures and their ratio, and notes where that is above the limit."""
    ratio = many / few
    verdict = f"at most {limit:.3g}" if ratio <= limit else f"BEYOND {limit:.3g}"
    print(
        f"{name}: {few_name} {few * 1000:.4g} ms, {many_name} {many * 1000:.4g} ms, ratio {ratio:.2f}, {verdict}", flush=True)
    if ratio > limit:
        beyond.append(name)


def hold(name, holds):
    print(f"{name}: {'holds' if holds else 'DOES NOT HOLD'}", flush=True)
    if not holds:
        beyond.append(name)


hosts = set()


@atexit.register
def end_hosts():
    for pid in hosts:
        if os.path.exists(f"/proc/{pid}"):
            os.kill(pid, signal.SIGKILL)


def boot(path, *options):
    """Boots in the background; returns when requests are taken."""
    pid = int(keyvm("boot", "-w", path, "--detach", *options))
    hosts.add(pid)
    return pid


def gone(pid):
    """Waits until a host has ended."""
    while os.path.exists(f"/proc/{pid}"):
        time.sleep(0.01)
    hosts.discard(pid)


def kill_now(pid):
    os.kill(pid, signal.SIGKILL)
    gone(pid)


def halt(path, pid):
    keyvm("halt", "-w", path)
    gone(pid)


def run_parts(parts):
    """Runs the parts that were asked for, and ends with 1 where a figure is beyond its limit."""
    for part in parts:
        if PART in ("all", part.__name__):
            part()
    if beyond:
        sys.exit(f"beyond: {', '.join(beyond)}")
