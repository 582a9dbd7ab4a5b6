#!/bin/sh
# Files as texts of an image: frost luac --resource, node.LFS.resource. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
cd "$TAP_DIR" || exit 1
mkdir fs www
printf '<p class="x">\\Page</p>\r\n' >www/page.html
head -c 20000 /dev/urandom >www/picture.png
: >www/empty
echo 'return "a module"' >app.lua
cat >fs/show.lua <<'END'
print(node.LFS.resource("page.html"))
print(#node.LFS.resource "favicon", #node.LFS.resource "empty", node.LFS.resource "none")
print(table.concat(node.LFS.resource(), " "), node.LFS.app())
print(node.LFS._resource("page.html") == node.LFS.resource("page.html"))
file.putcontents("copy", node.LFS.resource("favicon"))
local before = collectgarbage("count")
local page = node.LFS.resource("favicon")
print(collectgarbage("count") - before < 1)
END
want_status "files become texts" 0 "$FROST" luac -f -o app.img --resource www/page.html \
    --resource=favicon=www/picture.png --resource www/empty app.lua
want_status "node.LFS.resource gives them" 0 "$FROST" run --lfs app.img fs/show.lua
printf '<p class="x">\\Page</p>\r\n\n20000\t0\tnil\npage.html favicon empty\ta module\ntrue\ntrue\n' >want
want_same "... by name, and costs no RAM" want out
want_same "... byte for byte" www/picture.png fs/copy
want_status "frost lfs check takes the image" 0 "$FROST" lfs check app.img
want_status "an image of resources alone" 0 "$FROST" luac -f -o only.img --resource www/page.html
want_status "... in devs" 0 "$FROST" luac --core app.img -f -o devs.img --resource page.html=www/empty
want_status "... comes first" 0 "$FROST" run --lfs app.img --devs devs.img --fs fs \
    -e 'print(#node.LFS.resource "page.html", #node.LFS.resource "favicon")'
want_text "... and core's others are there" out "0	20000"
want_status "without an image there is none" 0 "$FROST" run -e 'print(node.LFS.resource "x", node.LFS.resource())'
want_text "... nil" out "nil	nil"

want_status "two of one name" 1 "$FROST" luac -f -o x.img --resource www/empty --resource empty=app.lua
want_text "... are told" err "two resources are named 'empty'"
want_status "a file that is not there" 1 "$FROST" luac -f -o x.img --resource www/none
want_text "... is named" err "cannot open www/none: No such file or directory"
want_status "--resource without -f" 1 "$FROST" luac -o x.lc --resource www/empty app.lua
want_text "... says so" err "it needs '-f'"
head -c 300000 /dev/urandom >www/large
want_status "more than an image holds" 1 "$FROST" luac -f -o x.img --resource www/large
want_text "... is told" err "www/large is larger than an image can be"
want_no_file "nothing is left of them" x.img
tap_done
