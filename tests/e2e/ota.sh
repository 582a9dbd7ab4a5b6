#!/bin/sh
# examples/ota against an HTTP server: what is new is fetched in pieces, verified, and put to use;
# what was tampered with is refused. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" "$O/libexec/frost/frostvm-float-plain" python3
example=$PWD/examples/ota server=$PWD/tests/e2e/net/ota-server.py
cd "$TAP_DIR" || exit 1
mkdir www fs
head -c 32 /dev/urandom >key
cp key fs/ota.key
cp key www/ota.key

python3 "$server" www port log &
SERVER=$!
trap 'kill $SERVER 2>/dev/null; rm -rf "$TAP_DIR"' EXIT
wait_until test -s port
printf 'http://127.0.0.1:%s/' "$(cat port)" >fs/ota.url

# ---- what there is to install ----

core() { # NAME [FILE...]
    name=$1
    shift
    "$FROST" luac --build-time=1 -f -o "$name.img" "$example/ota.lua" "$example/start.lua" "$@" >out 2>&1 ||
        tap_not_ok "core image $name" out
}
app() { # NAME CORE TEXT [FILE...]: a devs image whose app says TEXT
    name=$1 for=$2 text=$3
    shift 3
    printf 'local M = {}\nfunction M.start() print("app", %s) end\nreturn M\n' "$text" >app.lua
    "$FROST" luac --build-time=2 --core "$for.img" -f -o "www/$name.img" app.lua "$@" >out 2>&1 ||
        tap_not_ok "devs image $name" out
}
echo 'return "in core"' >extra.lua
core core1
core core2 extra.lua
cp core2.img www/core2.img
head -c 6000 /dev/urandom | od -An -tx1 | tr -d ' \n' | sed 's/^/return "/; s/$/"/' >ballast.lua
app one core1 '"one"' ballast.lua
app two core1 '"two"'
app broken core1 'nil .. ""'
app three core2 '"three", node.LFS.extra()'

manifest() { # LINE...
    printf '%s\n' "$@" >www/manifest.txt
    "$FROST" run --fs www "$example/sign.lua" >out 2>&1 || tap_not_ok "the manifest is signed" out
}
# The device runs until it has nothing to do: its lines are in `out`, what it asked for in `log`.
device() { # NAME [OPTION...]
    : >log
    name=$1
    shift
    want_status "$name" 0 "$FROST" run --live --duration 600000 --flash flash.bin --fs fs "$@" \
        -e 'node.LFS.start()'
}
fetched() { awk '{ sum += $3 } END { print sum + 0 }' log; }
says() { want_text "$1" out "$2"; }

# ---- devs alone ----

manifest "version 1" "devs one.img"
device "a device without devs" --lfs core1.img
says "... installs them" "installed 1"
says "... runs them without a restart" "app	one"
[ "$(grep -c 206 log)" -gt 5 ] && tap_ok "... which came in pieces" || tap_not_ok "... which came in pieces" log
device "the next start runs them"
says "... and fetches nothing" "nothing new"
tap_is "... but the manifest" "$(wc -c <www/manifest | tr -d ' ')" "$(fetched)"
manifest "version 2" "devs two.img"
device "a change in devs"
says "... is installed" "installed 2"
says "... and runs at once" "app	two"
tap_is "... costs its own bytes" "$(($(wc -c <www/two.img) + $(wc -c <www/manifest)))" "$(fetched)"

# ---- what is refused ----

refused() { # NAME REASON
    device "$1"
    says "... is refused" "$2"
    device "... and the old image is there"
    says "... in use" "app	two"
}
manifest "version 1" "devs one.img"
device "an older manifest, sent again"
says "... is nothing new" "nothing new"
manifest "version 3" "devs one.img"
printf 'X' | dd of=www/one.img bs=1 seek=200 conv=notrunc 2>dd
refused "an image with a byte changed" "one.img is not what the manifest says"
app one core1 '"one"' ballast.lua
sed 's/version 3/version 4/' www/manifest >forged
cp forged www/manifest
refused "a manifest that was changed" "not signed with this device's key"
head -c 32 /dev/zero >www/ota.key
manifest "version 3" "devs one.img"
refused "one that is signed with another key" "not signed with this device's key"
cp key www/ota.key
manifest "version 3" "devs three.img"
refused "devs for another core" "image is for core image"
manifest "version 3" "devs broken.img"
refused "devs that do not start" "it does not start"
manifest "version 3" "devs one.img"
mv www/one.img hidden.img
refused "an image that is not there" "one.img: answer 404"
mv hidden.img www/one.img
echo 'no manifest' >www/manifest
refused "something else" "no manifest"

# ---- core and devs ----

manifest "version 5" "core core2.img" "devs three.img"
device "a new core, and devs for it"
says "... restarts the device" "LFS region updated.  Restarting."
says "... which has it" "new core"
says "... and fetches devs then" "installed 5"
says "... which use it" "app	three	in core"
manifest "version 6" "core core2.img" "devs three.img"
device "the same images in a newer manifest"
says "... are there" "installed 6"
tap_is "... and not fetched" "$(wc -c <www/manifest | tr -d ' ')" "$(fetched)"

# ---- a program of many modules: those alone that changed ----

rm -rf flash.bin www/*.img fs/ota.have fs/*.img
mkdir work modules
cp key work
mv work/key work/ota.key
cp "$example/ota.lua" "$example/start.lua" modules
echo 'local M = {} function M.start() print("app", node.LFS.say(), node.LFS.net()()) end return M' >modules/app.lua
echo 'local M = {} function M.on_unload() print "say unloads" end package.loaded.say = M return "say 1"' \
    >modules/say.lua
net() { # TEXT
    printf 'local page = node.LFS.page() return function() return "net %s", #page end\n' "$1" >modules/net.lua
}
net 1
for module in page other; do
    head -c 8000 /dev/urandom | od -An -tx1 | tr -d ' \n' | sed 's/^/return "/; s/$/"/' >modules/$module.lua
done
publish() { # NAME VERSION [SAYS]
    want_status "$1" 0 sh "$example/publish.sh" work www "$2" modules/*.lua
    if [ $# -gt 2 ]; then says "... $3" "$3"; fi
}
publish "a first version" 1 "new core: there is none yet"
device "a device with it" --lfs work/core.img
device "... which knows that it has it"
says "... " "nothing new"
core_bytes=$(wc -c <www/core.img)
net 2
publish "one module changes" 2 "changed: net"
device "a device takes it up"
says "... at once" "app	say 1	net 2	16000"
says "... without a restart" "installed 2"
tap_is "... of the program" "$(($(wc -c <www/devs.img) + $(wc -c <www/manifest)))" "$(fetched)"
echo "# fetched $(fetched) bytes, the whole program has $core_bytes"
[ "$(($(fetched) * 10))" -lt "$core_bytes" ] && tap_ok "... less than a tenth is fetched" ||
    tap_not_ok "... less than a tenth is fetched" log
cp www/manifest old-manifest
sed -i 's/say 1/say 2/' modules/say.lua
printf 'return function() return "net 3", %s end\n' "#[[$(cut -c1-6000 modules/page.lua)]]" >modules/net.lua
publish "two are not as in core" 3 "changed: net say"
sed 's/^devs devs.img [0-9]*/devs devs.img 4096/' www/manifest >forged
mv www/manifest signed
cp forged www/manifest
device "a manifest that was changed on its way"
says "... is refused" "not signed with this device's key"
says "... and what was there runs" "app	say 1	net 2	16000"
tap_is "... nothing but it is fetched" "$(wc -c <forged | tr -d ' ')" "$(fetched)"
mv signed www/manifest

# The power fails in the middle of the image.
echo 2048 >stall
: >log
"$FROST" run --live --flash flash.bin --fs fs -e 'node.LFS.start()' >cut.out 2>&1 &
DEVICE=$!
wait_until grep -q stalled log
kill -9 $DEVICE
wait $DEVICE 2>wait.err
rm stall
tap_is "a device that is cut off after two pieces" 2 "$(grep -c 206 log)"
mv www/manifest signed
device "... starts"
says "... with what it had" "app	say 1	net 2	16000"
mv signed www/manifest
device "... and begins again"
says "... and gets there" "installed 3"
says "... and uses it" "app	say 2	net 3	6000"
says "... what stood in its place in core gives back what it has" "say unloads"
net 1
sed -i 's/say 2/say 1/' modules/say.lua
publish "all as in core again" 4
device "a device"
says "... drops its devs" "installed 4"
says "... and uses core" "app	say 1	net 1	16000"
tap_is "... for the manifest's bytes" "$(wc -c <www/manifest | tr -d ' ')" "$(fetched)"

# ---- where devs do not allow that ----

sed -i '1i print "start 2"' modules/start.lua
publish "start changes" 5 "new core: module start changed"
device "a device"
says "... restarts for it" "LFS region updated.  Restarting."
says "... runs it" "start 2"
says "... and is through" "installed 5"
rm modules/say.lua
sed -i 's/ node.LFS.say(),//' modules/app.lua
publish "a module goes" 6 "new core: module say is gone"
head -c 14000 /dev/urandom | od -An -tx1 | tr -d ' \n' | sed 's/^/return "/; s/$/"/' >modules/other.lua
publish "a module grows too large for devs" 7 "new core: "
tap_is "... and all of it is in core" "devs none" "$(grep devs www/manifest)"
device "a device"
says "... takes it" "installed 7"
tap_done
