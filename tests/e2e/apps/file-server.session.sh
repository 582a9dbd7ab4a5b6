#!/bin/sh
# Clients of file-server/.
set -e
cmd() { printf '%s\r\n' "$@"; }
url=ftp://test:12345@$FROST_HOST:$FROST_PORT_2021
d=$(mktemp -d)
curl -sS --disable-epsv --ftp-skip-pasv-ip --max-time 20 $url/readme.txt >>"${CLIENT_LOG:-/dev/null}"
head -c 3000 /dev/zero | tr '\0' 'x' >$d/up
curl -sS --disable-epsv --ftp-skip-pasv-ip --max-time 20 -T $d/up $url/up.txt
curl -sS --disable-epsv --ftp-skip-pasv-ip --max-time 20 $url/up.txt | wc -c >>"${CLIENT_LOG:-/dev/null}"
curl -sS --disable-epsv --ftp-skip-pasv-ip --max-time 20 -l $url/ >>"${CLIENT_LOG:-/dev/null}"
rm -r $d
