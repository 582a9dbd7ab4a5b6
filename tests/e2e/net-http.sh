#!/bin/sh
# An HTTP server in NodeMCU's style (net/http.lua) with curl. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/e2e/net/device.sh

tap_needs "$FROST" "$O/libexec/frost/frostvm-float-plain" curl
site=$TAP_DIR/http
mkdir "$site"
echo '<h1>front</h1>' >"$site/www_index.html"
echo 'h1 { color: red }' >"$site/www_style.css"
echo '<p>{{path}} for the {{count}}th time on {{chip}}</p>' >"$site/www_page.tpl"
head -c 100000 /dev/urandom >"$TAP_DIR/large"
cp "$TAP_DIR/large" "$site/www_large"
device_start http
url=http://127.0.0.1:$(device_port tcp 80)
get() { timeout 120 curl -sS --max-time 60 "$@" 2>&1; }

tap_is "a page" "<h1>front</h1>" "$(get "$url/index.html")"
tap_is "its type and length" "text/html 15" "$(get -o /dev/null -w '%{content_type} %{size_download}' "$url/index.html")"
tap_is "a style sheet's type" "text/css" "$(get -o /dev/null -w '%{content_type}' "$url/style.css")"
get -o "$TAP_DIR/got" "$url/large" >/dev/null
want_same "100 kB byte for byte" "$TAP_DIR/large" "$TAP_DIR/got"
tap_is "a template" "<p>/page for the 1th time on 15750940</p>" "$(get "$url/page")"
tap_is "and its next use" "<p>/page for the 2th time on 15750940</p>" "$(get "$url/page")"
tap_is "JSON" '{"name":"device","count":2}' "$(get "$url/state" | sed 's/{"count":2,"name":"device"}/{"name":"device","count":2}/')"
tap_is "JSON both ways" '{"sum":42}' "$(get -d '[1, 2, 39]' "$url/sum")"
tap_is "JSON that is none" "400" "$(get -o /dev/null -w '%{http_code}' -d '{' "$url/sum")"

# ---- uploads ----

tap_is "an upload with a length" "100000 bytes 201" "$(get -w '%{http_code}' -T "$TAP_DIR/large" "$url/upload" | tr '\n' ' ' | sed 's/ *$//')"
want_same "is what was sent" "$TAP_DIR/large" "$site/www_upload"
tap_is "an upload in chunks" "100000 bytes" "$(get -H 'Transfer-Encoding: chunked' -T - "$url/pieces" <"$TAP_DIR/large")"
want_same "is what was sent, too" "$TAP_DIR/large" "$site/www_pieces"
get -o "$TAP_DIR/got" "$url/pieces" >/dev/null
want_same "and comes back" "$TAP_DIR/large" "$TAP_DIR/got"

# ---- refusals ----

status() { get -o /dev/null -w '%{http_code}' "$@"; }
tap_is "what is not there" 404 "$(status "$url/none")"
tap_is "a method that a page does not have" 405 "$(status -X DELETE "$url/index.html")"
tap_is "and one that a route does not have" 405 "$(status "$url/sum")"
tap_is "says which it has" "POST" "$(get -o /dev/null -D - "$url/sum" | tr -d '\r' | sed -n 's/^Allow: //p')"
tap_is "a method that nobody knows" 501 "$(status -X BREW "$url/index.html")"
tap_is "a head that is too long" 431 "$(status -H "X: $(head -c 4000 /dev/zero | tr '\0' x)" "$url/index.html")"

# ---- connections ----

tap_is "a connection that stays open" "1 0 0" "$(get -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects} ' "$url/index.html" "$url/page" "$url/index.html" | sed 's/ *$//')"
tap_is "one that is closed" "1 1" "$(get -H 'Connection: close' -o /dev/null -o /dev/null -w '%{num_connects} ' "$url/index.html" "$url/page" | sed 's/ *$//')"
tap_is "HTTP/1.0 closes" "1 1" "$(get -0 -o /dev/null -o /dev/null -w '%{num_connects} ' "$url/index.html" "$url/page" | sed 's/ *$//')"
tap_is "only the head" "15" "$(get -I "$url/index.html" | tr -d '\r' | sed -n 's/^Content-Length: //p')"
many=
for n in 1 2 3 4 5 6 7 8 9 10; do many="$many $url/index.html $url/page $url/state"; done
is_settled() {
    mv "$TAP_DIR/before" "$TAP_DIR/earlier" 2>/dev/null
    get "$url/alive" >"$TAP_DIR/before"
    cmp -s "$TAP_DIR/earlier" "$TAP_DIR/before"
}
wait_until is_settled
for n in 1 2 3 4 5 6 7; do get -o /dev/null $many >/dev/null; done
clients=
for n in 1 2 3 4 5; do
    get -H 'Connection: close' "$url/index.html" >/dev/null &
    clients="$clients $!"
done
wait $clients
# Connections that have been closed go when their last segment is acknowledged.
is_as_before() {
    get "$url/alive" >"$TAP_DIR/after"
    [ "$(sed 's/ bytes.*//' "$TAP_DIR/before")" = "$(sed 's/ bytes.*//' "$TAP_DIR/after")" ]
}
wait_until is_as_before
tap_is "after more than 200 requests all is as before" "$(sed 's/ bytes.*//' "$TAP_DIR/before")" \
    "$(sed 's/ bytes.*//' "$TAP_DIR/after")"
tap_is "the device has not failed" "" "$(grep -v "^frost: TCP port" "$site/err")"

tap_done
