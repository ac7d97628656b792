# shellcheck shell=bash
# Where the sources of the real programs come from, and the folder they are kept in, which is never the project's.
# Sourced after setup.sh, never run. Invariants: Debian's sources are those of the release that this machine's own apt
# takes its packages from, fetched with lists and caches of our own and checked with Debian's keyring; a source is
# unpacked aside and moved into place when it is whole; nothing is written into one afterwards.

# shellcheck disable=SC2034,SC2154 # source is for build.sh; programs is set by the script that sources this

programs_cache=${KEYVM_PROGRAMS:-${XDG_CACHE_HOME:-$HOME/.cache}/keyvm-programs}
debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
quickjs_version=1.19.4

# private_apt ARGUMENTS: apt-get with a list of sources, package lists and caches of our own.
private_apt() {
    local apt=$programs_cache/apt
    apt-get -q \
        -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User="$(id -un)" "$@" >&2
}

# list_sources: writes the private list, a deb-src entry for each part of Debian that this machine installs from, in its
# order, and brings its package lists up to date.
list_sources() {
    local apt=$programs_cache/apt
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    # shellcheck disable=SC2016 # $(…) here is apt's notation
    apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
        awk -v keyring="$debian_keyring" '$1 == "Debian" && $2 == "main" && !seen[$3, $4]++ {
            print "deb-src [signed-by=" keyring "] " $3 " " $4 " main"
        }' >"$apt/sources.list"
    [[ -s $apt/sources.list ]] ||
        fail "there is no list of Debian's packages" "apt names no part 'main' of Debian to take sources from" "apt-get update"
    private_apt update || fail "Debian's lists of sources could not be read" "apt-get update failed" "see its messages above"
    listed=1
}
listed=0

# keep_source NAME FOLDER: puts what was unpacked into its place.
keep_source() {
    mkdir -p "$programs_cache/sources"
    rm -rf "${programs_cache:?}/sources/$1"
    mv "$2" "$programs_cache/sources/$1"
}

# debian_source PACKAGE: fetches and unpacks a Debian source package, Debian's patches included, unless it is there.
debian_source() {
    local package=$1 aside=$programs_cache/fetching folders
    [[ -d $programs_cache/sources/$package ]] && return
    ((listed)) || list_sources
    rm -rf "$aside" && mkdir -p "$aside"
    (cd "$aside" && private_apt --only-source source "$package") ||
        fail "the source of $package could not be had" "apt-get source failed" "see its messages above"
    folders=("$aside/$package"-*/)
    [[ ${#folders[@]} == 1 && -d ${folders[0]} ]] ||
        fail "the source of $package is not what was expected" "it has not one folder: ${folders[*]}" "ls $aside"
    keep_source "$package" "${folders[0]}"
    rm -rf "$aside"
}

# python_source PACKAGE VERSION: the same for the source archive of a Python package.
python_source() {
    local package=$1 version=$2 aside=$programs_cache/fetching
    [[ -d $programs_cache/sources/$package ]] && return
    rm -rf "$aside" && mkdir -p "$aside"
    python3 -m pip download -q --no-binary :all: --no-deps -d "$aside" "$package==$version" >&2 ||
        fail "the source of $package could not be had" "pip download failed" "see its messages above"
    tar -xzf "$aside/$package-$version.tar.gz" -C "$aside" ||
        fail "the source of $package is not what was expected" "$package-$version.tar.gz does not unpack" "ls $aside"
    keep_source "$package" "$aside/$package-$version"
    rm -rf "$aside"
}

# source_of PROGRAM: sees that the program's source is there; sets `source` to its folder.
source_of() {
    case $1 in
    tinyscheme) debian_source tinyscheme && source=$programs_cache/sources/tinyscheme ;;
    minigzip) debian_source zlib && source=$programs_cache/sources/zlib ;;
    lua) debian_source lua5.4 && source=$programs_cache/sources/lua5.4 ;;
    quickjs) python_source quickjs "$quickjs_version" && source=$programs_cache/sources/quickjs ;;
    speedtest1) debian_source sqlite3 && source=$programs_cache/sources/sqlite3 ;;
    *) fail "there is no program $1" "the programs are: ${programs[*]}" "tools/programs --help" 3 ;;
    esac
}
