"""Measures what must not depend on a world's size; see tools/scale."""

import os
import statistics
import subprocess
import sys
import time

from measuring import *

SPIN = "(module (func (export \"_start\") (loop $l (br $l))))"
# Writes a byte to each of 2^20 pages, then waits for input that never comes.
FILL = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory 65536)
  (func (export "_start") (local $i i32)
    (loop $l
      (i32.store8 (local.get $i) (i32.const 1))
      (br_if $l (local.tee $i (i32.add (local.get $i) (i32.const 4096)))))
    (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 8))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))"""
WAIT = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 8))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))"""


def first_row(path):
    """Starts ps and reads to the end of its first row."""
    ran = subprocess.Popen([KEYVM, "ps", "-w", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    ran.stdout.readline()
    ran.stdout.readline()
    ran.stdout.close()
    ran.kill()
    ran.wait()


def boots(*paths):
    """The median of the seconds until each takes requests, by turns."""
    found = [[] for _ in paths]
    for _ in range(7):
        for index, path in enumerate(paths):
            begin = time.perf_counter()
            pid = boot(path)
            found[index].append(time.perf_counter() - begin)
            halt(path, pid)
    return [statistics.median(each) for each in found]


def processes():
    wait = module("wait", WAIT)
    few, many = world("few"), world("many")
    subprocess.run([BENCH, "processes", few, "10", wait], check=True)
    seconds = timed(lambda: subprocess.run([BENCH, "processes", many, "100000", wait], check=True))
    print(f"100,000 processes were made in {seconds:.0f} s, the store has {os.path.getsize(many + '/store.mdb') >> 20} MiB")
    for path in few, many:
        keyvm("boot", "-w", path, "--until-idle")
    show("ps, first row, halted", *by_turns([lambda: first_row(few), lambda: first_row(many)]), "ten", "100,000", 3)
    show("boot", *boots(few, many), "ten", "100,000", 3)
    pids = [boot(path) for path in (few, many)]
    show("ps, first row, running", *by_turns([lambda: first_row(few), lambda: first_row(many)]), "ten", "100,000", 3)
    show(
        "status, running", *by_turns([lambda: keyvm("status", "-w", few), lambda: keyvm("status", "-w", many)]), "ten",
        "100,000", 3)
    for path, pid in zip((few, many), pids):
        halt(path, pid)
    show(
        "status, halted", *by_turns([lambda: keyvm("status", "-w", few), lambda: keyvm("status", "-w", many)]), "ten",
        "100,000", 3)


# Calls register 6 with a word, and ends with 7 where the same came back.
ASK = """(module
  (import "keyvm" "call" (func $call (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory 1)
  (data (i32.const 4) "\\ff\\ff\\ff\\ff")
  (data (i32.const 68) "\\ff\\ff\\ff\\ff")
  (func (export "_start")
    (i64.store (i32.const 8) (i64.const 4242))
    (if (i32.eqz (call $call (i32.const 6) (i32.const 0) (i32.const 64)))
      (then (if (i64.eq (i64.load (i32.const 72)) (i64.const 4242)) (then (call $exit (i32.const 7))))))))"""
CROWD = 1_000_000


def own_memory(pid):
    """KiB of a host that are not the store's file."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("RssAnon"))


def answers(path, number, ask):
    ran = subprocess.run([KEYVM, "run", "-w", path, "--wait", "--grant", f"6=start:id:{number}", ask], capture_output=True)
    if ran.returncode != 7:
        sys.exit(f"{path}: process {number} does not answer: {ran.stderr}")


def waiting():
    """A million processes that wait to be called, beside ten."""
    serve, ask = module("serve", SERVER), module("ask", ASK)
    few, many = world("few-waiting"), world("many-waiting")
    for path, count in (few, 10), (many, CROWD):
        keyvm("bank", "create", "-w", path, "root/crowd")
        begin = time.perf_counter()
        subprocess.run([BENCH, "processes", path, str(count), serve, "root/crowd"], check=True)
        keyvm("boot", "-w", path, "--until-idle", "--every", "1h")
        print(
            f"{count} processes were made and wait after {time.perf_counter() - begin:.0f} s, the store has "
            f"{os.path.getsize(path + '/store.mdb') >> 20} MiB", flush=True)
    show("boot", *boots(few, many), "ten", "a million", 3)
    pids = [boot(path) for path in (few, many)]
    memory = [own_memory(pid) for pid in pids]
    print(f"memory of the hosts' own: ten {memory[0]} KiB, a million {memory[1]} KiB")
    hold("a million that nobody touches take no memory", memory[1] < memory[0] + 8192)
    show("ps, first row", *by_turns([lambda: first_row(few), lambda: first_row(many)]), "ten", "a million", 3)
    show(
        "one of them answers a call", *by_turns([lambda: answers(few, 7, ask), lambda: answers(many, 777_777, ask)], times=5), "ten",
        "a million", 3)
    seconds = timed(lambda: hold(
        "ps pages through all of them",
        keyvm("ps", "-H", "-o", "bank", "-w", many).split().count("root/crowd") == CROWD))
    print(f"it took {seconds:.1f} s", flush=True)
    large = timed(lambda: keyvm("bank", "destroy", "-w", many, "-y", "root/crowd", "--reclaim"))
    small = timed(lambda: keyvm("bank", "destroy", "-w", few, "-y", "root/crowd", "--reclaim"))
    show("bank destroy", small, large, "ten", "a million", 10)
    halt(few, pids[0])
    end_of_bank(many, pids[1])


def end_of_bank(path, pid):
    """A destruction is under way: the host is killed twice in the middle of it, and at the end nothing is left."""
    begin = time.perf_counter()
    kill_after_checkpoint(path, pid)
    print(f"killed; its checkpoint has {pending(path)} banks pending", flush=True)
    pid = boot(path, "--every", "100ms")
    time.sleep(0.05)
    hold("the second kill comes while it is under way", pending(path) > 0)
    kill_now(pid)
    print(f"killed; its checkpoint has {pending(path)} banks pending", flush=True)
    pid = boot(path, "--every", "100ms")
    while pending(path) > 0:
        time.sleep(0.1)
    print(f"nothing is pending {time.perf_counter() - begin:.1f} s after the command")
    halt(path, pid)
    found = json.loads(keyvm("fsck", "-w", path, "--json", check=False))
    print(f"fsck: {len(found['problems'])} problems, {found['pages']} pages, {len(found['pending'])} pending")
    hold("nothing is left of it, and nothing is wrong", not found["problems"] and not found["pending"] and found["pages"] < 300)


def pending(path):
    return json.loads(keyvm("status", "-w", path, "--json"))["pendingBanks"]


def checkpoint(path):
    return json.loads(keyvm("status", "-w", path, "--json"))["checkpoint"]["id"]


def kill_after_checkpoint(path, pid):
    """Kills the host as soon as a checkpoint is durable that was not when this began."""
    before = checkpoint(path)
    while checkpoint(path) == before:
        time.sleep(0.01)
    kill_now(pid)


def destroy():
    fill, spin = module("fill", FILL), module("spin", SPIN)
    path = world("large")
    empty = []
    pid = boot(path, "--every", "100ms")
    keyvm("run", "-w", path, "--name", "victim", spin)
    for number in range(7):
        keyvm("bank", "create", "-w", path, f"root/e{number}")
        empty.append(timed(lambda: keyvm("bank", "destroy", "-w", path, "-y", f"root/e{number}", "--reclaim")))
    keyvm("bank", "create", "-w", path, "root/large")
    begin = time.perf_counter()
    keyvm("run", "-w", path, "--bank", "root/large", fill)
    while json.loads(keyvm("inspect", "-w", path, "fill", "--json"))["state"] != "waiting":
        time.sleep(0.5)
    keyvm("checkpoint", "create", "-w", path)
    pages = json.loads(keyvm("bank", "show", "-w", path, "root/large", "--json"))["pages"]
    print(f"{pages} pages were written in {time.perf_counter() - begin:.0f} s", flush=True)
    large = timed(lambda: keyvm("bank", "destroy", "-w", path, "-y", "root/large", "--reclaim"))
    show("bank destroy", statistics.median(empty), large, "empty", "large", 10)
    root = json.loads(keyvm("bank", "show", "-w", path, "root", "--json"))["pages"]
    print(f"right after it root counts {root} pages; pending banks: {pending(path)}")
    end_of_bank(path, pid)


def meters():
    spin = module("spin", SPIN)
    paths = []
    for name, depth in ("shallow", 1), ("deep", 1000):
        path = world(name)
        meter = "root"
        pid = boot(path)
        for _ in range(depth):
            meter += "/m"
            keyvm("meter", "create", "-w", path, meter, "--gas", "1000000G")
        for number in range(2):
            keyvm("run", "-w", path, "--name", f"p{number}", "--meter", meter, spin)
        halt(path, pid)
        paths.append(path)
    shallow, deep = by_turns([lambda path=path: keyvm("boot", "-w", path, "--steps", "2G") for path in paths], times=7)
    show("two processes, 2G gas", shallow, deep, "1 level", "1,000 levels", 1.05)


def frozen():
    """A bank of 20,000 processes goes, a few pages at a time, beside 40,000 others that are frozen for want of space."""
    fill, wait = module("write", FILL), module("sibling", WAIT)
    paths = [world("alone"), world("crowded")]
    for path, count in zip(paths, ("1", "20000")):
        for bank in "crowd", "large":
            keyvm("bank", "create", "-w", path, f"root/{bank}")
        subprocess.run([BENCH, "processes", path, count, fill, "root/crowd"], check=True)
        # As many again wait for banks of their own.
        subprocess.run([BENCH, "processes", path, count, fill, "root", "own", "24576"], check=True)
        keyvm("bank", "set", "-w", path, "root/crowd", "limit=0")
        keyvm("boot", "-w", path, "--until-idle")
        states = [each["state"] for each in json.loads(keyvm("ps", "-w", path, "--json"))["items"]]
        hold(f"twice {count} stand still for want of space", states == ["frozen-space"] * 2 * int(count))
        subprocess.run([BENCH, "processes", path, "20000", wait, "root/large", "q"], check=True)
        keyvm("bank", "destroy", "-w", path, "-y", "root/large", "--reclaim")
    seconds = [timed(lambda path=path: keyvm("boot", "-w", path, "--until-idle")) for path in paths]
    hold("nothing is left of it", [pending(path) for path in paths] == [0, 0])
    show("a bank of 20,000 processes goes", *seconds, "beside two", "beside 40,000", 2)


def bombs():
    """A program beside as many others as a small bank bears, one that wants all memory, and orders for more all the time."""
    spin, fill = module("spin", SPIN), module("fill", FILL)
    path = world("bombed")
    pid = boot(path)
    keyvm("run", "-w", path, "--name", "victim", spin)

    def pages():
        return json.loads(keyvm("bank", "show", "-w", path, "root", "--json"))["pages"]

    def pace(meanwhile):
        """Gas of the victim in a second of the clock."""
        def used():
            return json.loads(keyvm("inspect", "-w", path, "victim", "--json"))["gasUsed"], time.perf_counter()
        gas, begin = used()
        while time.perf_counter() < begin + 5:
            meanwhile()
        more, end = used()
        return (more - gas) / (end - begin)

    def order():
        return subprocess.run([KEYVM, "run", "-w", path, "--bank", "root/small", spin], capture_output=True).returncode

    alone = pace(lambda: time.sleep(0.1))
    # The modules are the root's, so that only what the bombs hold comes back.
    before = pages()
    keyvm("bank", "create", "-w", path, "root/small", "--limit", "1MiB", "--cells", "60")
    for _ in range(20):
        order()
    keyvm("run", "-w", path, "--bank", "root/small", fill)
    while order() == 0:
        pass
    rows = json.loads(keyvm("ps", "-w", path, "--json"))["items"]
    hold("the one that wants all memory stands still", any(each["state"] == "frozen-space" for each in rows))
    ready = sum(each["state"] == "ready" for each in rows)
    beside = pace(order)
    show(f"time for 10M gas, one of {ready}", 1e7 * ready / alone, 1e7 / beside, "its share", "it had", 1 / 0.9)
    keyvm("bank", "destroy", "-w", path, "-y", "root/small", "--reclaim")
    while pending(path) > 0:
        time.sleep(0.01)
    # The last pages of the kernel's two tables stay.
    hold(f"every page came back: {before} before, {pages()} after", pages() <= before + 2)
    halt(path, pid)


def siblings():
    """Programs in banks of their own: one more of them, with a name that is given, beside ten and beside 30,000."""
    wait = module("sibling", WAIT)
    paths = [world("some"), world("many-siblings")]
    for path, count in zip(paths, ("10", "30000")):
        seconds = timed(lambda: subprocess.run([BENCH, "processes", path, count, wait, "root", "p", "1048576"], check=True))
        print(f"{count} processes in banks of their own were made in {seconds:.1f} s", flush=True)
    pids = [boot(path) for path in paths]
    run = [lambda path=path: keyvm("run", "-w", path, "--limit", "1MiB", "--gas", "1G", wait) for path in paths]
    for each in run:
        each()
    show("run --limit --gas", *by_turns(run, times=15), "ten", "30,000", 1.5)
    for path, pid in zip(paths, pids):
        halt(path, pid)


def status():
    path = world("plain")
    pid = boot(path)
    curl = [
        "curl", "-s", "--unix-socket", f"{path}/control.sock", "-d", '{"id": "x", "request": {"status": {}}}',
        "http://world/v1/requests",
    ]
    bare, whole = by_turns(
        [lambda: subprocess.run(curl, stdout=subprocess.DEVNULL, check=True), lambda: keyvm("status", "-w", path)], times=41)
    show("status", bare, whole, "curl", "keyvm", 3)
    halt(path, pid)


run_parts((status, meters, bombs, siblings, frozen, processes, destroy, waiting))
