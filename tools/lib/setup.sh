# shellcheck shell=bash
# Set-up shared by every command in tools/: where the project is, what the machine must have, and the one build.
# Sourced, never run. Invariants: nothing is installed that is already there; everything is built in one configuration
# (release, tests included), so dependencies are compiled once; a failure is three lines: what, why, `try: …`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# What building and running takes from Debian, beyond what Swift itself asks for.
packages=(liblmdb-dev libssl-dev libxxhash-dev libzstd-dev pkg-config zlib1g-dev wasi-libc libclang-rt-19-dev-wasm32 wabt)

# The oldest Swift that the project is built with.
swift_major=6
swift_minor=3

# fail WHAT WHY TRY [CODE]: the three lines of an error, and the end.
fail() {
    printf '%s\n%s\ntry: %s\n' "$1" "$2" "$3" >&2
    exit "${4:-1}"
}

# need_swift: a Swift that is new enough is on PATH.
need_swift() {
    local remedy="install Swift $swift_major.$swift_minor from https://www.swift.org/install/linux and put its usr/bin on PATH"
    command -v swift >/dev/null || fail "Swift is not there" "no 'swift' on PATH" "$remedy"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
    [[ $version =~ ^([0-9]+)\.([0-9]+)$ ]] ||
        fail "the version of Swift is unknown" "$(command -v swift) --version does not tell it" "$remedy"
    local major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
    if ((major < swift_major || (major == swift_major && minor < swift_minor))); then
        fail "Swift $version is too old" "KeyVM needs $swift_major.$swift_minor or later; found $(command -v swift)" "$remedy"
    fi
}

# toolchain_program NAME: prints the path of a program that lies beside the compiler that `swift` runs.
toolchain_program() {
    local resources folder
    # A version manager puts a stand-in on PATH, so the compiler itself is asked where it lives.
    resources=$(swift -print-target-info 2>/dev/null |
        sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p') || true
    folder=${resources%/lib/swift}/bin
    if [[ -z $resources || ! -x $folder/$1 ]]; then
        folder=$(dirname "$(readlink -f "$(command -v swift)")")
    fi
    [[ -x $folder/$1 ]] || return 1
    printf '%s\n' "$folder/$1"
}

# need_packages: installs the Debian packages that are missing, or says what to type.
need_packages() {
    command -v dpkg-query >/dev/null ||
        fail "this is not a Debian system" "no 'dpkg-query' to ask for the packages: ${packages[*]}" \
            "install their counterparts, then run 'swift build -c release --build-tests'"
    local package missing=()
    for package in "${packages[@]}"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    local as_root=()
    if ((EUID != 0)); then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            as_root=(sudo -n)
        elif command -v sudo >/dev/null && [[ -t 0 && -t 2 ]]; then
            as_root=(sudo)
        else
            fail "Debian packages are missing: ${missing[*]}" "only root can install them, and this is user $(id -un)" \
                "su -c 'apt-get update && apt-get install -y ${missing[*]}'"
        fi
    fi
    echo "installing ${missing[*]}" >&2
    # Lists first: on a new machine they are empty or old.
    if ! {
        "${as_root[@]}" apt-get update -q &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
    } >&2; then
        fail "the Debian packages could not be installed" "apt-get failed; missing: ${missing[*]}" \
            "${as_root[*]:+sudo }apt-get install -y ${missing[*]}"
    fi
}

# build: everything, tests included, in the one configuration. Output goes to standard error.
build() {
    (cd "$root" && swift build -c release --build-tests) >&2 ||
        fail "the build failed" "see the compiler's messages above" "swift build -c release --build-tests"
}

# set_up: all that a command needs to use `keyvm`; sets `keyvm` to the program's path.
set_up() {
    need_swift
    need_packages
    build
    keyvm=$(cd "$root" && swift build -c release --show-bin-path)/keyvm
    [[ -x $keyvm ]] || fail "the build made no keyvm" "$keyvm is not there" "swift build -c release --product keyvm"
}

# find_keyvm: for commands that need `keyvm` and nothing else that is built: sets `keyvm` to the program that KEYVM names, or sets up.
find_keyvm() {
    if [[ -z ${KEYVM:-} ]]; then
        set_up
        return
    fi
    keyvm=$KEYVM
    [[ -x $keyvm && ! -d $keyvm ]] || fail "KEYVM names no program" "$keyvm cannot be run" "unset KEYVM" 64
}
