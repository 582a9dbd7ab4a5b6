#!/bin/sh
# Other worlds of `frost profile`: what differs between two chips is in no list, whatever sources are
# asked for; the list is judged by a run that it was not chosen from; sessions are told the world.
# Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
tap_needs "$FROST"
apps=$PWD/tests/e2e/apps
cd "$TAP_DIR" || exit 1

# ---- what a world changes ----

cat >told.lua <<'END'
wifi.setmode(wifi.STATION)
wifi.sta.config({ssid = "home", pwd = "12345678"})
print(node.chipid(), wifi.sta.getmac(), wifi.ap.getmac(), adc.read(0), node.heap(),
      node.random(1000000), tmr.now())
tmr.create():alarm(4000, tmr.ALARM_SINGLE, function() print(wifi.sta.getip()) end)
END
for world in 1 2 64; do
    want_status "world $world" 0 "$FROST" run --world-number $world told.lua
    tr '\t' '\n' <out >values.$world
done
want_status "world 2 again" 0 "$FROST" run --world-number 2 told.lua
tr '\t' '\n' <out | cmp -s - values.2 && tap_ok "is the same" || tap_not_ok "is the same"
# The mask and the gateway of the network are those of all.
tap_is "all but two values are others" 2 "$(paste values.1 values.2 | awk '$1 == $2' | wc -l)"
tap_is "the chip's number is the end of its address" \
    "$(sed -n 2p values.2 | cut -d: -f4-)" \
    "$(sed -n 1p values.2 | awk '{ printf "%02x:%02x:%02x", $1 / 65536, $1 / 256 % 256, $1 % 256 }')"
want_status "no such world" 2 "$FROST" run --world-number 65 told.lua
want_status "recorded" 0 "$FROST" record -q --world-number 3 -o three told.lua
mv out told.3
want_status "its replay has its answers" 0 "$FROST" run --replay three told.lua
want_same "and prints the same" told.3 out

# ---- the list ----

mkdir app
cat >app/init.lua <<'END'
kept = {}
for i = 1, 20 do kept[#kept + 1] = "constant number " .. ("word "):rep(i % 5 + 1) .. i end
kept[#kept + 1] = "node-" .. node.chipid() .. "/status/of/the/device"
kept[#kept + 1] = "address " .. wifi.sta.getmac() .. " of the device"
kept[#kept + 1] = "voltage " .. adc.read(0) .. " of the device"
for i = 1, 20 do kept[#kept + 1] = "always " .. "the same, " .. ({"one", "two", "many"})[i % 3 + 1] end
END
want_status "all sources" 0 "$FROST" profile -q --origin=all -o all app
want_text "constants are in the list" all/dummy_strings.lua "constant number"
for word in "node-" "address [0-9a-f]" "voltage [0-9]"; do
    if grep -q "\"$word" all/dummy_strings.lua; then
        tap_not_ok "what the worlds have differently is not: $word" all/dummy_strings.lua
    else
        tap_ok "what the worlds have differently is not: $word"
    fi
done
want_text "the list is judged" all/summary.txt "saved in a run that it was not chosen from"
want_text "against the list that comes with the firmware, too" all/summary.txt "list against the firmware's there"
want_text "by three worlds" all/report.json '"worlds": 3'
want_text "each group is in all of them" all/dummy_strings.lua " of flash, in all 3 runs"
want_status "one run" 0 "$FROST" profile -q --origin=all --worlds 0 -o one app
want_text "has what is of the run" one/dummy_strings.lua '"node-'
if grep -q "not chosen from" one/summary.txt; then
    tap_not_ok "and is not judged" one/summary.txt
else
    tap_ok "and is not judged"
fi
want_status "too many worlds" 2 "$FROST" profile -q --worlds 16 -o none app

# ---- a run held out that is another one than those of the choice ----

mkdir -p odd other/2
echo usual >odd/mode
echo strange >other/2/mode
cat >odd/init.lua <<'END'
kept = {}
if file.getcontents("mode"):find("usual") then
    for _, room in ipairs({"kitchen", "garden", "cellar", "attic"}) do
        for _, what in ipairs({"light", "heat", "door"}) do kept[#kept + 1] = "home/" .. room .. "/" .. what end
    end
end
for i = 1, 100 do kept[100 + i] = i end -- so that the highest point is here
END
want_status "the held-out run has other files" 0 "$FROST" profile -q --worlds 1 --no-checks --world-files other -o odd.out odd
held() { sed -n "s/^  \"held_out_$1_bytes\": \([0-9]*\),*$/\1/p" odd.out/report.json; }
less=$(($(held saved) - $(held predicted)))
tap_is "its saving is another one" yes "$([ $less -lt 0 ] && echo yes)"
want_text "and it is told why" odd.out/summary.txt "the run held out minus the prediction: $less bytes; 12 strings of the list ("
want_text "the list has these strings" odd.out/dummy_strings.lua '"home/cellar/door"'

# ---- files: in another order, and others ----

mkdir files
for name in a b c d e f; do echo "$name" >files/$name.txt; done
echo 'for name in pairs(file.list()) do order = (order or "") .. name end print(order)' >files/init.lua
for world in 1 2 3 4 5 6; do "$FROST" run --world-number $world --fs files init.lua; done | sort -u >orders
tap_is "worlds list files in several orders" yes "$([ "$(wc -l <orders)" -ge 2 ] && echo yes)"
want_status "recorded in another" 0 "$FROST" record -q --world-number 3 -o ordered --fs files init.lua
mv out ordered.txt
want_status "its replay knows the world" 0 "$FROST" run --fs files --replay ordered init.lua
want_same "and the order" ordered.txt out

mkdir -p configured own/2 own/3 own/4
cat >configured/init.lua <<'END'
local c = dofile("config.lua")
kept = {}
for i = 1, 6 do kept[i] = "home/" .. c.name .. "/sensor/" .. c.rooms[i] .. "/state" end
for i = 1, 20 do kept[#kept + 1] = "always " .. "the same, " .. ({"one", "two", "many"})[i % 3 + 1] end
END
config() { echo "return {name = '$1', rooms = {'hall', 'kitchen', 'bath', 'attic', 'cellar', 'yard'}}" >"$2/config.lua"; }
config "long-name-of-the-owner" configured
want_status "with one configuration" 0 "$FROST" profile -q -o one-owner configured
want_text "its texts are constants" one-owner/dummy_strings.lua "long-name-of-the-owner/sensor"
for world in 2 3 4; do config "another-name-$world" own/$world; done
want_status "with others in other worlds" 0 "$FROST" profile -q --world-files own -o owners configured
if grep -q "sensor/" owners/dummy_strings.lua; then
    tap_not_ok "they are not" owners/dummy_strings.lua
else
    tap_ok "they are not"
fi
want_text "what is the same is" owners/dummy_strings.lua "always the same"
want_status "no such directory" 4 "$FROST" profile -q --world-files nowhere -o none configured
cat >world.lua <<'END'
print("world", world.number)
END
echo "print(1)" >told2.lua
want_status "a script" 0 "$FROST" run --world-number 3 --world world.lua told2.lua
want_text "is told its world" err "world	3"

# ---- sessions ----

mkdir server
cat >server/init.lua <<'END'
seen = {}
server = net.createServer(net.TCP, 60)
server:listen(80, function(socket)
    socket:on("receive", function(s, text)
        seen[#seen + 1] = "got " .. text
        s:send("ok\n", function() s:close() end)
    end)
end)
END
cat >client.sh <<'END'
#!/bin/sh
echo "$FROST_WORLD" >>"$SEEN"
END
chmod +x client.sh
SEEN=$TAP_DIR/seen
export SEEN
want_status "with a session" 0 "$FROST" profile -q --worlds 2 --session ./client.sh -o served server
tap_is "it runs once a world" "1 2 3 " "$(tr '\n' ' ' <seen)"

# ---- what is predicted is saved ----

# An application that compiles while it runs: where the collector is stopped for that, garbage stays
# which a string's collection would have freed.
want_status "an application with a world" 0 "$FROST" profile -q --no-compare-dump --duration 600000 \
    --session "$apps/garden.world.lua" -o garden "$apps/garden"
total() { sed -n "s/^  \"$1\": \([0-9-]*\),*\$/\1/p" garden/report.json; }
tap_is "to the byte in the run that it is a replay of" "$(total saved_predicted_bytes)" \
    "$(total saved_measured_bytes)"
predicted=$(total held_out_predicted_bytes) held=$(total held_out_saved_bytes)
tap_is "and 95 % of it in one that it was not chosen from" yes \
    "$([ "$predicted" -gt 1000 ] && [ $((held * 100)) -ge $((predicted * 95)) ] && echo yes)"
tap_done
