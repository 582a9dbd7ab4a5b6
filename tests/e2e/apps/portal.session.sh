#!/bin/sh
# Clients of portal/.
url=http://$FROST_HOST:$FROST_PORT_80
get() { curl -sS --max-time 60 -w '%{http_code}\n' "$@" >>"${CLIENT_LOG:-/dev/null}"; }
get $url/
get $url/generate_204
get $url/save -d 'ssid=Home%20Net&pwd=short'
printf '\1\2\1\0\0\1\0\0\0\0\0\0\3foo\3bar\0\0\1\0\1' | nc -u -w 60 -W 1 $FROST_HOST $FROST_UDP_53 | od -c | tail -3 >>"${CLIENT_LOG:-/dev/null}"
get $url/save -d 'ssid=Home%20Net&pwd=correct%20horse'
n=0 # until it has restarted, to join that network
while nc -z $FROST_HOST $FROST_PORT_80 && [ $n -lt 600 ]; do
    sleep 0.1
    n=$((n + 1))
done
