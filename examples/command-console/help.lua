-- help.lua: texts for `help`. Kept apart from the commands, so that the texts are in use only
-- while somebody reads them.
--
-- usage(name)   one line, or nil
-- topic(name)   long text, or nil
-- names()       sorted names of all topics

local sorted = require("sorted")

local M = {}

-- name usage
local USAGE = [=[

add      add NAME PASSWORD [ROLE]
alias    alias [NAME [TEXT]]
clear    clear PATTERN
count    ... | count
define   define DEVICE KIND
del      del KEY
dim      dim DEVICE PERCENT
each     each PATTERN COMMAND with % for the key
echo     echo TEXT...
eval     eval EXPRESSION
find     find PATTERN
get      get KEY
grep     ... | grep TEXT
head     ... | head N
help     help [TOPIC [PAGE]]
history  history
if       if EXPRESSION COMMAND
list     list
load     load LINE...
login    login NAME PASSWORD
logout   logout
passwd   passwd NAME PASSWORD
put      put KEY VALUE
quit     quit
remove   remove NAME
repeat   repeat N COMMAND
save     save
set      set [NAME = VALUE]
sort     ... | sort
switch   switch DEVICE on|off
tally    ... | tally
unlock   unlock NAME
unset    unset NAME
upper    ... | upper
users    users
whoami   whoami
]=]

local TOPICS = {}

TOPICS.syntax = [[
A line holds commands. A semicolon separates two of them; && runs the second only if the first went
well, || only if it did not. A bar hands the lines that a command prints to the next one, which must
be one of the filters: grep, count, sort, head, upper, tally.

Words are separated by blanks. 'Single quotes' keep blanks and everything else as it is. "Double
quotes" keep blanks but replace variables. A # at the start of a word makes the rest a remark.

$name and ${name} stand for a variable, $(expression) for the value of an expression. The variable
status is 0 after a command that went well, else 1.
]]

TOPICS.history = [[
The console keeps the last 24 lines. !! runs the last one again, !7 runs line number 7, !sw runs the
last line that begins with sw. What follows after a blank is added to the line.

A line that equals the one before is kept once. Lines with a password are not kept.
]]

TOPICS.expressions = [[
Numbers, 'texts' and names of variables, joined by signs. From weak to strong: or, and, then the
comparisons < <= > >= == ~=, then .. which joins texts, then + and -, then * / and %, then - and not
before a value, then ^ which groups from the right. There are the functions min, max, abs, floor,
ceil, sqrt, len and upper.

Truth is 1, falsehood is 0. The empty text and 0 count as false, everything else as true.
]]

TOPICS.store = [[
The store holds up to 64 texts under names with slashes, such as device/lamp-3/state. put writes,
get reads, del removes one entry, clear removes all that match a pattern, find lists names, save
prints everything as lines that load takes back.

In a pattern a star stands for any characters but a slash, and two stars for any characters.
]]

TOPICS.devices = [[
A device is a group of entries in the store: device/NAME/kind, device/NAME/state, and for lamps
device/NAME/level. define makes one, switch turns it on or off, dim sets the level of a lamp, list
shows them all. Kinds are lamp, heater, fan and blind.

Whoever switches a device needs the role operator. Whoever defines one needs the role admin.
]]

TOPICS.users = [[
Roles are guest, operator and admin; each may do what the ones before it may. Without a login you
are a guest. Three wrong passwords lock a name, until an admin unlocks it.
]]

function M.usage(name)
    return USAGE:match("\n" .. name .. " +([^\n]+)")
end

function M.topic(name)
    return TOPICS[name]
end

function M.names()
    local names = sorted.keys(TOPICS)
    for name in USAGE:gmatch("(%l+) +[^\n]+\n") do names[#names + 1] = name end
    return names
end

return M
