#!/bin/sh
# Clients of telnet/.
answers=$(mktemp)
# Types each line when the answer to the one before is there.
say() { # (LINE ANSWER)...: an answer as grep finds it
    : >"$answers"
    {
        wanted=Welcome
        while :; do
            n=0
            until grep -q "$wanted" "$answers" || [ $n = 600 ]; do
                sleep 0.1
                n=$((n + 1))
            done
            [ $# -gt 0 ] || break
            printf '%s\n' "$1"
            wanted=$2
            shift 2
        done
    } | timeout 600 nc -N "$FROST_HOST" "$FROST_PORT" >"$answers"
    cat "$answers" >>"${CLIENT_LOG:-/dev/null}"
}
say 'help()' functions: 'print(1 + 1)' '^2' 'print(dofile("tools.lua").primes(60))' ' 59'
say '=dofile("tools.lua").mem()' some 'x = nil .. 1' 'main chunk' 'print(uptime() ~= nil)' true
rm "$answers"
