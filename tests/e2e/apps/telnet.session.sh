#!/bin/sh
# Clients of telnet/.
say() { (sleep 0.3; for l in "$@"; do printf '%s\n' "$l"; sleep 0.3; done; sleep 0.3) | timeout 20 nc -N "$FROST_HOST" "$FROST_PORT" ; }
say 'help()' 'print(1 + 1)' 'print(dofile("tools.lua").primes(60))' >>"${CLIENT_LOG:-/dev/null}"
say '=dofile("tools.lua").mem()' 'x = nil .. 1' 'print(uptime() ~= nil)' >>"${CLIENT_LOG:-/dev/null}"
