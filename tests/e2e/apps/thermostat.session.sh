#!/bin/sh
# Clients of thermostat/.
url=http://$FROST_HOST:$FROST_PORT_8080
get() { curl -sS --max-time 60 -w '%{http_code}\n' "$@" >>"${CLIENT_LOG:-/dev/null}"; }
get $url/
get $url/api/config
get $url/target -d t=18.5
get $url/target -d t=99
get $url/none
sleep 2 # for the device to measure; nothing waits for it
get $url/
