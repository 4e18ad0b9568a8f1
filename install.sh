#!/bin/sh
# Installs `vc` from a release, for one user, without root.
#
# In: a release directory, on a web server or on disk, laid out as docs/decisions/0006-release-layout.md says.
# Out: PREFIX/bin/vc, the link PREFIX/bin/kubectl-vc beside it, and PREFIX/share/vc/installed, which records both.
# Never: runs sudo, places a file whose checksum was not compared, replaces or removes a file it did
# not place itself, leaves anything temporary behind.
#
# Everything stands in functions and the last line calls them, so that a download of this script that
# was cut short does nothing.

set -eu

# Ranges such as [0-9A-Za-z] mean the same everywhere only in this locale.
LC_ALL=C
export LC_ALL

# Where releases are published. Empty in the source tree, because a fork or a mirror has its own place;
# the release workflow puts its address between the quotes of the copy that it publishes.
default_base_url=''

usage() {
    cat <<'USAGE'
Install the vc command line from a release

Usage: install.sh [OPTIONS]

Options:
  --prefix DIR       Put the files below DIR [default: ~/.local]
  --version vX.Y.Z   Install this version [default: the latest]
  --base-url URL     Take releases from here: https://..., file:///... or a directory
                     [environment: VC_INSTALL_BASE_URL]
  --dry-run          Say what would be done, and change nothing
  --uninstall        Remove what was installed below the prefix
  --help             Print this help

Installs PREFIX/bin/vc and the link PREFIX/bin/kubectl-vc, by which `kubectl vc` works.
Exit codes: 0 done, 1 failed, 2 wrong usage, 129/130/141/143 interrupted.

Example: install.sh --version v0.1.0 --prefix ~/.local
USAGE
}

main() {
    parse_options "$@"
    resolve_prefix
    find_checksum_tool
    if [ "$action" = uninstall ]; then
        uninstall_vc
    else
        install_vc
    fi
}

install_vc() {
    resolve_base_url
    detect_platform
    check_targets
    make_temporary_directory
    find_release
    if [ "$is_dry_run" = yes ]; then
        printf 'would fetch %s\n' "$base_url/download/$version/$archive"
        printf 'would install %s\n' "$bin/vc" "$bin/kubectl-vc" "$record"
        return
    fi
    say "fetching vc $version for $platform"
    fetch "download/$version/$archive" "$temporary/$archive"
    verify_archive
    tar -xzOf "$temporary/$archive" "vc-$version-$platform/vc" >"$temporary/vc" ||
        die "cannot unpack \`$archive\`: it has no readable \`vc-$version-$platform/vc\`"
    stage_files
    place_files
    say "installed vc $version as $bin/vc"
    advise_on_path
}

uninstall_vc() {
    [ -f "$record" ] || die "cannot uninstall: nothing is recorded in \`$record\`" \
        'name the prefix it was installed with: --prefix DIR'
    changed=''
    while read -r kind path proof; do
        [ -e "$prefix/$path" ] || [ -L "$prefix/$path" ] || continue
        if ! is_unchanged "$kind" "$path" "$proof"; then
            changed="$changed \`$prefix/$path\`"
        elif [ "$is_dry_run" = yes ]; then
            printf 'would remove %s\n' "$prefix/$path"
        else
            rm -f "$prefix/$path" || die "cannot remove \`$prefix/$path\`"
            say "removed $prefix/$path"
        fi
    done <"$record"
    [ -z "$changed" ] || die "left alone, because it changed since it was installed:$changed" \
        'remove it by hand, then run this again'
    if [ "$is_dry_run" = yes ]; then
        printf 'would remove %s\n' "$record"
        return
    fi
    rm -f "$record" || die "cannot remove \`$record\`"
    # It may hold files of somebody else: then it stays.
    rmdir "$prefix/share/vc" 2>/dev/null || :
    say 'note: virtual clusters go on running; their contexts in your kubeconfig need vc to connect'
}

# --- what was typed -------------------------------------------------------------------------------

parse_options() {
    action=install
    is_dry_run=no
    prefix=''
    version=''
    base_url=${VC_INSTALL_BASE_URL:-$default_base_url}
    while [ $# -gt 0 ]; do
        case $1 in
            --prefix=* | --version=* | --base-url=*)
                option=${1%%=*}
                value=${1#*=}
                ;;
            --prefix | --version | --base-url)
                [ $# -ge 2 ] || misuse "\`$1\` needs a value"
                option=$1
                value=$2
                shift
                ;;
            --dry-run) is_dry_run=yes && shift && continue ;;
            --uninstall) action=uninstall && shift && continue ;;
            -h | --help) usage && exit 0 ;;
            *) misuse "unexpected argument \`$1\`" ;;
        esac
        shift
        [ -n "$value" ] || misuse "\`$option\` needs a value"
        case $option in
            --prefix) prefix=$value ;;
            --version)
                version=v${value#v}
                is_version "$version" || misuse "\`$value\` is not a version of the form vX.Y.Z"
                ;;
            --base-url) base_url=$value ;;
        esac
    done
}

# is_version TEXT: a version becomes part of paths, so it must not be able to lead anywhere else.
is_version() {
    case $1 in
        *[!0-9A-Za-z.-]* | *..*) return 1 ;;
        v[0-9]*.[0-9]*.[0-9]*) return 0 ;;
        *) return 1 ;;
    esac
}

resolve_prefix() {
    if [ -z "$prefix" ]; then
        [ -n "${HOME:-}" ] || die 'cannot tell where to install: HOME is not set' 'name a place: --prefix DIR'
        prefix=$HOME/.local
    fi
    case $prefix in
        /*) ;;
        *) prefix=$PWD/$prefix ;;
    esac
    prefix=${prefix%/}
    bin=$prefix/bin
    record=$prefix/share/vc/installed
}

# Plain HTTP is refused, because the checksums come from the same place as the archive: whoever can
# change one on its way can change the other.
resolve_base_url() {
    [ -n "$base_url" ] || misuse 'this copy of the script knows no place to take releases from' \
        'name one: --base-url URL'
    base_url=${base_url%/}
    directory=''
    case $base_url in
        https://*) find_downloader ;;
        file:///*) directory=${base_url#file://} ;;
        *://*) misuse "\`$base_url\` is neither https://..., file:///... nor a directory" ;;
        *) directory=$base_url ;;
    esac
    [ -z "$directory" ] || [ -d "$directory" ] || die "cannot read releases: there is no directory \`$directory\`"
}

# --- what this machine is and has -----------------------------------------------------------------

detect_platform() {
    system=$(uname -s) || die 'cannot tell the operating system: uname -s failed'
    machine=$(uname -m) || die 'cannot tell the processor: uname -m failed'
    case $system in
        Linux) system_name=linux ;;
        Darwin) system_name=darwin ;;
        *) die "there is no vc for operating system \`$system\`, only for Linux and Darwin" ;;
    esac
    case $machine in
        x86_64 | amd64) machine_name=amd64 ;;
        aarch64 | arm64) machine_name=arm64 ;;
        *) die "there is no vc for processor \`$machine\`, only for amd64 and arm64" ;;
    esac
    platform=$system_name-$machine_name
}

find_checksum_tool() {
    for checksum_tool in sha256sum shasum openssl; do
        ! command -v "$checksum_tool" >/dev/null 2>&1 || return 0
    done
    die 'cannot compare checksums: none of sha256sum, shasum and openssl is here' 'install one of them'
}

# The wget of BusyBox is passed over, because it does not check the server's certificate.
find_downloader() {
    if command -v curl >/dev/null 2>&1; then
        downloader=curl
        return
    fi
    case $(wget --version 2>/dev/null || :) in
        *GNU*) downloader=wget ;;
        *) die 'cannot download: neither curl nor GNU wget is here' 'install curl' ;;
    esac
}

# Refuses before anything is fetched what could not be finished later.
check_targets() {
    for path in bin/vc bin/kubectl-vc; do
        target=$prefix/$path
        [ -e "$target" ] || [ -L "$target" ] || continue
        if [ -d "$target" ] || ! grep -q "^[a-z]* $path " "$record" 2>/dev/null; then
            die "\`$target\` is there already and was not installed by this script" \
                'move it away, or choose another place: --prefix DIR'
        fi
    done
    for existing in "$bin" "$prefix/share/vc"; do
        while [ ! -e "$existing" ]; do
            existing=$(dirname "$existing")
        done
        if [ ! -d "$existing" ] || [ ! -w "$existing" ]; then
            die "cannot install below \`$prefix\`: \`$existing\` is not a directory you may write to" \
                'choose another place: --prefix DIR'
        fi
    done
}

# --- from the release to a verified binary --------------------------------------------------------

make_temporary_directory() {
    temporary=''
    staged=''
    trap clean_up EXIT
    trap 'interrupted 129' HUP
    trap 'interrupted 130' INT
    trap 'interrupted 141' PIPE
    trap 'interrupted 143' TERM
    temporary=$(mktemp -d "${TMPDIR:-/tmp}/vc-install.XXXXXX") ||
        die "cannot make a temporary directory in \`${TMPDIR:-/tmp}\`" 'name another place with TMPDIR'
}

clean_up() {
    [ -z "$temporary" ] || rm -rf "$temporary"
    [ -z "$staged" ] || rm -rf "$staged"
}

# Cleans up itself, because some shells lose the exit code when the EXIT trap runs after another one.
interrupted() {
    trap '' HUP INT PIPE TERM
    trap - EXIT
    clean_up
    printf 'error: interrupted; nothing was changed\n' >&2 || :
    exit "$1"
}

# Sets `version`, `archive` and `wanted_checksum`. The latest version is read from the names in the
# latest release's SHA256SUMS, so that no further file can disagree with it.
find_release() {
    if [ -n "$version" ]; then
        sums=download/$version/SHA256SUMS
        pattern=vc-$version-$platform.tar.gz
    else
        sums=latest/download/SHA256SUMS
        pattern="vc-v*-$platform.tar.gz"
    fi
    fetch "$sums" "$temporary/SHA256SUMS"
    archive=''
    while read -r checksum name; do
        # sha256sum marks names of files it read in binary mode with an asterisk.
        name=${name#\*}
        # shellcheck disable=SC2254 # The asterisk in the pattern is meant as one.
        case $name in
            $pattern)
                archive=$name
                wanted_checksum=$checksum
                break
                ;;
        esac
    done <"$temporary/SHA256SUMS"
    [ -n "$archive" ] || die "no checksum of \`$pattern\` in \`$base_url/$sums\`: the release has no vc for $platform"
    version=${archive#vc-}
    version=${version%"-$platform.tar.gz"}
    is_version "$version" || die "\`$base_url/$sums\` names \`$archive\`, which has no version of the form vX.Y.Z"
}

# fetch PATH FILE: copies BASE/PATH to FILE.
fetch() {
    if [ -n "$directory" ]; then
        cp -- "$directory/$1" "$2" || die "cannot read \`$directory/$1\`"
        return
    fi
    url=$base_url/$1
    # A connection that stands still for a minute is given up.
    case $downloader in
        curl)
            curl --proto '=https' --tlsv1.2 -fsSL --retry 3 --connect-timeout 20 \
                --speed-limit 1 --speed-time 60 -o "$2" "$url"
            ;;
        wget) wget -q -t 3 -T 60 -O "$2" "$url" ;;
    esac || die "cannot fetch \`$url\`"
}

verify_archive() {
    found_checksum=$(sha256_of "$temporary/$archive") || die "cannot compute the checksum of \`$archive\`"
    [ "$found_checksum" = "$wanted_checksum" ] || die "\`$archive\` is not what was published: \
its SHA-256 is $found_checksum, SHA256SUMS says $wanted_checksum" 'try again; nothing was installed'
}

# Reads from standard input, because the tools escape awkward file names in what they print.
sha256_of() {
    case $checksum_tool in
        sha256sum) line=$(sha256sum <"$1") ;;
        shasum) line=$(shasum -a 256 <"$1") ;;
        openssl) line=$(openssl dgst -sha256 -r <"$1") ;;
    esac || return 1
    printf '%s\n' "${line%% *}"
}

# --- from the verified binary to its place --------------------------------------------------------

# Prepares everything in a directory below PREFIX/bin: only within one file system is a rename atomic,
# and /tmp may not allow to run programs.
stage_files() {
    mkdir -p "$bin" "$prefix/share/vc" || die "cannot make directories below \`$prefix\`"
    staged=$(mktemp -d "$bin/.vc-install.XXXXXX") || die "cannot write to \`$bin\`"
    cp "$temporary/vc" "$staged/vc" || die "cannot write to \`$bin\`"
    chmod 755 "$staged/vc"
    "$staged/vc" --help </dev/null >/dev/null 2>&1 || die "\`$archive\` holds a vc that does not run on this machine"
    ln -s vc "$staged/kubectl-vc"
    vc_checksum=$(sha256_of "$staged/vc")
    printf '%s\n' "file bin/vc $vc_checksum" 'link bin/kubectl-vc vc' >"$staged/installed" ||
        die "cannot write to \`$bin\`"
}

# Three renames, never a write into a file that may be running. Signals wait until they are done, so
# that the record and what it records belong together.
place_files() {
    trap '' HUP INT PIPE TERM
    mv -f "$staged/installed" "$record" || die "cannot write \`$record\`"
    mv -f "$staged/vc" "$bin/vc" || die "cannot write \`$bin/vc\`"
    mv -f "$staged/kubectl-vc" "$bin/kubectl-vc" || die "cannot write \`$bin/kubectl-vc\`"
}

# is_unchanged KIND PATH PROOF: is this still what a line of the record says was placed?
is_unchanged() {
    case $1 in
        file) [ -f "$prefix/$2" ] && [ ! -L "$prefix/$2" ] && [ "$(sha256_of "$prefix/$2")" = "$3" ] ;;
        link) [ -L "$prefix/$2" ] && [ "$(readlink "$prefix/$2")" = "$3" ] ;;
        *) return 1 ;;
    esac
}

advise_on_path() {
    case :$PATH: in
        *:"$bin":*)
            found=$(command -v vc || :)
            [ "$found" = "$bin/vc" ] || say "note: \`vc\` still means $found, which comes earlier in PATH"
            ;;
        *)
            say "$bin is not in PATH; add this line to your shell's profile:"
            say "  export PATH=\"$bin:\$PATH\""
            ;;
    esac
}

# --- what the user reads --------------------------------------------------------------------------

say() {
    printf '%s\n' "$1" >&2
}

# die MESSAGE [HINT]
die() {
    say "error: $1"
    [ -z "${2:-}" ] || printf '\nhint: %s\n' "$2" >&2
    exit 1
}

# misuse MESSAGE [HINT]: like die, for what was typed wrongly.
misuse() {
    say "error: $1"
    printf '\nhint: %s\n' "${2:-see --help}" >&2
    exit 2
}

main "$@"
