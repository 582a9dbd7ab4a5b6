#!/bin/sh
# publish.sh: makes what a server serves to devices with ota.lua: the manifest, and of a program's
# modules those alone that are not as they are in the core image.
#
# usage: publish.sh WORK WWW VERSION MODULE.lua...
#   WORK     kept from one version to the next, and not served: ota.key, the core image, and what
#            it was made of (core.modules: name, size, SHA-256 of each)
#   WWW      what is served
#   VERSION  greater than the one before
# The first version is a core image of all modules. Later ones are that and a devs image of the
# modules that changed since or are new. Where devs do not allow that, a new core image is made:
# a module is gone, ota or start changed (they run while devs are replaced), or the changed ones
# exceed $DEVS_BYTES (24576: a slot of the default layout).
# A device takes both from a manifest that is signed with its key (sign.lua).
set -eu

if [ $# -lt 4 ]; then
    echo "usage: publish.sh WORK WWW VERSION MODULE.lua..." >&2
    exit 2
fi
work=$1 www=$2 version=$3
shift 3
here=$(dirname "$0")
frost=${FROST:-frost}
[ -s "$work/ota.key" ] || { echo "publish.sh: $work/ota.key is not there" >&2; exit 1; }

made=$(mktemp -d "$work/publish.XXXXXX")
trap 'rm -rf "$made"' EXIT
for file; do
    printf '%s %d %s\n' "$(basename "$file" .lua)" "$(wc -c <"$file")" "$(sha256sum <"$file" | cut -d' ' -f1)"
done >"$made/modules"

# ---- which of them devs can bring ----

why= changed=
if [ ! -s "$work/core.img" ] || [ ! -s "$work/core.modules" ]; then
    why="there is none yet"
else
    while read -r name _; do
        grep -q "^$name " "$made/modules" || why="module $name is gone"
    done <"$work/core.modules"
    for file; do
        name=$(basename "$file" .lua)
        grep -qxF "$(grep "^$name " "$made/modules")" "$work/core.modules" && continue
        changed="$changed $name"
        case $name in ota | start) why="module $name changed" ;; esac
    done
fi
# The build time is fixed, so that the same modules make the same image.
devs() { # MODULE.lua...: of the ones that changed
    for file; do
        shift
        case "$changed " in *" $(basename "$file" .lua) "*) set -- "$@" "$file" ;; esac
    done
    "$frost" luac --build-time=1 --core "$work/core.img" -f -m "${DEVS_BYTES:-24576}" \
        -o "$made/devs.img" "$@" >"$made/out" 2>&1
}
if [ -z "$why" ] && [ -n "$changed" ] && ! devs "$@"; then
    why=$(tail -n 1 "$made/out")
fi
if [ -n "$why" ]; then
    echo "new core: $why"
    "$frost" luac --build-time=1 -f -o "$made/core.img" "$@" >"$made/out" 2>&1 ||
        { cat "$made/out" >&2; exit 1; }
    rm -f "$made/devs.img" "$work/core.modules" # without the list the core is made again after a cut
    mv "$made/core.img" "$work/core.img"
    mv "$made/modules" "$work/core.modules"
fi

# ---- the manifest comes last: until then devices believe the one before ----

cp "$work/ota.key" "$work/core.img" "$made"
printf 'version %s\ncore core.img\n' "$version" >"$made/manifest.txt"
if [ -s "$made/devs.img" ]; then
    echo "changed:$changed"
    echo "devs devs.img" >>"$made/manifest.txt"
else
    echo "devs none" >>"$made/manifest.txt"
fi
"$frost" run --fs "$made" "$here/sign.lua"
for file in core.img devs.img manifest; do
    [ ! -s "$made/$file" ] || { cp "$made/$file" "$www/$file.new"; mv "$www/$file.new" "$www/$file"; }
done
