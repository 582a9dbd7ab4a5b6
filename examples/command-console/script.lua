-- script.lua: what somebody types at the console.
--
-- script()   iterates over the lines

local TEXT = [[
help
whoami
help syntax; help syntax 2
put note/1 'only operators may'
login admin wrong
login admin frost!line
add olga snow+ice operator && add gus wind+rain && users
add bob short chief || echo 'no such role'
define lamp-1 lamp; define lamp-2 lamp; define lamp-3 lamp
define heater-1 heater && define fan-1 fan && define blind-1 blind
define oven-1 oven
list
alias lights 'find device/lamp-*/state'
alias all-off each device/*/state put % off
alias ll list
logout; login olga snow+ice
switch lamp-1 on; switch lamp-2 on && dim lamp-2 40
dim heater-1 30
switch lamp-9 on || echo status is $status
ll | grep lamp
lights
lights | count
set room = 'living room'
set percent = 35; dim lamp-3 $percent; get device/lamp-3/level
echo "the $room lamp is at ${percent}%"
set warm = $(percent + 20 * 2); set
eval (1 + 2) * 3 ^ 2 - 7 % 4
eval "min(4, max(1, 3)) .. ' of ' .. len(room)"
eval percent < 50 and not warm == 75
eval 5 / (percent - 35)
eval 3 +
if percent<50 echo dark enough
repeat 7 put room/@/name room-@
repeat 7 put room/@/lamp lamp-@
repeat 7 put room/@/temperature $(18 + 2)
find room/*/name | sort | head 2
each room/*/lamp get %
find ** | tally | head 8
!fi
!! | count
!99
history | grep dim
help devices
help devices 2
help store 9
help nothing
help dim; help history
clear room/1/*
passwd olga 1234
logout; login gus wrong; login gus wrong; login gus wrong; login gus wind+rain
login admin frost!line; users; unlock gus; users | grep gus
clear room/1/*
save | grep device | head 6
load room/9/name=the%20attic; get room/9/name
load nonsense
each device/*/kind get % | tally
all-off; list | grep off | count
echo 'unfinished
| count
echo a |
frobnicate the lamps
echo x | frobnicate
save | upper | sort | head 12
repeat 3 set step_@ = $(percent * 2)
set | tally | head 6
help expressions; help expressions 2; help users
define bulb lamp && dim bulb 5 && switch bulb on && list | grep bulb
save | tally | head 10
remove gus; remove admin; users | count
unset room; echo $room
alias; alias ll; ll
history
quit
echo never reached
]]

return function()
    return TEXT:gmatch("[^\n]+")
end
