"""Modules from seeds: random bytes of that seed, which binaryen's wasm-opt -ttf makes into a valid module.

The same seed gives the same module with the same version of binaryen. What it may use is core 2.0 without vectors.
"""

import random
import re
import subprocess
from pathlib import Path

WITHOUT = (
    "simd threads gc exception-handling tail-call memory64 typed-function-references relaxed-simd extended-const "
    "gc-nn-locals"
).split()


def options(seed: int) -> list[str]:
    """What wasm-opt is asked for; the kinds of modules follow each other by the seed.

    This binaryen writes types of later proposals where it may use references, so that most of such modules are refused;
    they are an eighth here, and what is refused must be refused by all.
    """
    asked = ["-ttf", "-all"] + [f"--disable-{name}" for name in WITHOUT]
    kind = seed % 8
    if kind == 0:
        asked += ["--disable-multivalue"]
    else:
        asked += ["--disable-reference-types"]
    if without_nan(seed):
        asked += ["--denan"]
    if seed % 5 == 0:
        asked += ["-O2"]
    if seed % 7 == 0:
        asked += ["--flatten", "--rereloop"]
    return asked


def without_nan(seed: int) -> bool:
    """Whether the module turns each NaN into 0; where not, only engines that make NaNs canonical can agree."""
    return seed % 2 == 0


def generate(seed: int, folder: Path) -> Path:
    """Writes the module SEED.wasm into the folder and returns its path. RuntimeError where wasm-opt fails."""
    source = random.Random(seed)
    path = folder / f"{seed}.wasm"
    raw = folder / f"{seed}.bytes"
    raw.write_bytes(source.randbytes(source.choice([300, 1000, 3000, 8000, 20000])))
    command = ["wasm-opt", *options(seed), str(raw), "-o", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    raw.unlink()
    if done.returncode != 0 or not path.exists():
        raise RuntimeError(f"seed {seed}: {' '.join(command)}: {done.stderr.strip()[-300:]}")
    path.write_bytes(with_longer_runs(path.read_bytes()))
    return path


def with_longer_runs(binary: bytes) -> bytes:
    """The same module, its calls and loops counted down from 63 instead of 10 before they only trap.

    The counter is a global that the last function but a few sets: `i32.const 10; global.set; end`, without locals.
    """
    return re.sub(rb"\x00\x41\x0a(\x24[\x80-\xff]?[\x00-\x7f]\x0b)", lambda body: b"\x00\x41\x3f" + body[1], binary)
