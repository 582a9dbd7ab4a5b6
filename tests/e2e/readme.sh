#!/bin/sh
# The commands of the README's first screen run, and print the lines shown under them.
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0
bad=0
check() { # result text
    n=$((n + 1))
    [ "$1" = 0 ] && echo "ok $n - $2" || { echo "not ok $n - $2"; bad=1; }
}
O=${O:-build}
sed -n '/^```/,/^```/p' README.md | grep -v '^```' >"$work/lines"
command=
while IFS= read -r line; do
    case $line in
    '$ '*)
        command=$(printf '%s\n' "${line#\$ }" | sed "s,build/demo,$work/demo,g; s,build/frost,$O/frost,")
        sh -c "$command" >"$work/out" 2>"$work/err" </dev/null
        check $? "$line"
        ;;
    '  '*)
        [ -n "$command" ] || continue
        grep -qxF -- "$line" "$work/out"
        check $? "prints:$line"
        ;;
    *) command= ;;
    esac
done <"$work/lines"
echo "1..$n"
exit $bad
