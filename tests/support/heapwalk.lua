-- heapwalk.lua DUMP BASE float|integer: a dump of a Lua heap (--heap-dump of both ports) as text: its
-- blocks, then every object that can be reached, field by field. Layout: runtime/core/object.h,
-- state.h, heap_parts.h; the offsets stand here a second time, so that two ports that agree with this
-- text have the same layout.
--
-- Addresses in the heap and in the flash window's image are written as they are; addresses of code
-- and of the program's own data, which differ between ports, as outside:N, N in the order of their
-- first appearance. Halves of values that mean nothing, and what lies above a stack's top, are left
-- out; so is a NaN's sign, and the cache of absent metamethods in tables.

local path, base, numbers = arg[1], tonumber(arg[2]), arg[3]
local file = assert(io.open(path, "rb"))
local data = file:read("*a")
file:close()
local is_float = numbers == "float"
local VALUE, NODE = is_float and 12 or 8, is_float and 32 or 20
local KEY = is_float and 16 or 8
local names = {[0] = "nil", "boolean", "lightuserdata", "number", "string", "table", "function",
    "userdata", "thread", "proto", "upvalue", "dead", [21] = "rotable", [38] = "lightfunction"}

local function word(addr)
    local a, b, c, d = data:byte(addr - base + 1, addr - base + 4)
    assert(d, string.format("0x%x lies outside of the heap", addr))
    return ((d * 256 + c) * 256 + b) * 256 + a
end
local function byte(addr) return data:byte(addr - base + 1) end
local function is_inside(addr) return addr >= base and addr < base + #data end

local outside, outside_count = {}, 0
local function address(addr)
    if addr == 0 then return "0" end
    if is_inside(addr) or (addr >= 0x40290000 and addr < 0x40300000) then
        return string.format("%08x", addr)
    end
    if not outside[addr] then
        outside_count = outside_count + 1
        outside[addr] = "outside:" .. outside_count
    end
    return outside[addr]
end

local todo, seen = {}, {}
local function visit(addr)
    if addr ~= 0 and is_inside(addr) and not seen[addr] then
        seen[addr] = true
        todo[#todo + 1] = addr
    end
    return address(addr)
end

local function value(addr)
    local tag, low = word(addr + VALUE - 4), word(addr)
    local name = names[tag] or "tag" .. tag
    if tag == 0 then return "nil" end
    if tag == 3 then
        if not is_float then return "number " .. low end
        local high = word(addr + 4)
        local is_nan = high % 0x80000000 >= 0x7ff80000
        return string.format("number %08x%08x", is_nan and 0x7ff80000 or high, low)
    end
    if tag == 1 then return "boolean " .. low end
    if tag == 2 or tag > 10 then return name .. " " .. address(low) end
    return name .. " " .. visit(low)
end

local function line(...)
    print((string.format(...)))
end
local function values(what, addr, count)
    for i = 0, count - 1 do
        line("  %s %d %s", what, i, value(addr + i * VALUE))
    end
end
local function words(what, addr, count, how)
    for i = 0, count - 1 do
        line("  %s %d %s", what, i, how(word(addr + i * 4)))
    end
end
local function hex(n) return string.format("%08x", n) end

-- ---- objects, by tag ----

local show = {}
show[4] = function(o) -- string
    local bytes = word(o + 12)
    local text = data:sub(o - base + 17, o - base + 17 + bytes)
    line("  flags %d hash %08x bytes %d %s", byte(o + 6) + byte(o + 7) * 256, word(o + 8), bytes,
        (text:gsub("[^%w]", function(c) return string.format("<%02x>", c:byte()) end)))
end
show[5] = function(o) -- table
    local nodes, log2 = word(o + 16), byte(o + 7)
    line("  nodes_log2 %d metatable %s array %s nodes %s free %s array_count %d", log2,
        visit(word(o + 8)), address(word(o + 12)), address(nodes), address(word(o + 20)),
        word(o + 28))
    values("item", word(o + 12), word(o + 28))
    for i = 0, (is_inside(nodes) and 2 ^ log2 or 0) - 1 do
        local n = nodes + i * NODE
        local key = value(n) == "nil" and "-" or value(n + KEY) -- keys of dead nodes may be stale
        line("  node %d %s = %s next %s", i, key, value(n), address(word(n + KEY + VALUE)))
    end
end
show[6] = function(o) -- function
    local count, is_c = byte(o + 7), byte(o + 6) ~= 0
    line("  is_c %s upvalues %d environment %s body %s", tostring(is_c), count,
        visit(word(o + 12)), is_c and address(word(o + 16)) or visit(word(o + 16)))
    if is_c then
        values("upvalue", o + 20, count)
    else
        words("upvalue", o + 20, count, visit)
    end
end
show[7] = function(o) -- userdata
    line("  metatable %s environment %s bytes %d", visit(word(o + 8)), visit(word(o + 12)),
        word(o + 16))
end
show[8] = function(o) -- thread
    local top, stack, call, calls = word(o + 8), word(o + 32), word(o + 20), word(o + 40)
    line("  status %d top %s base %s global %s call %s stack_last %s stack %s", byte(o + 6),
        address(top), address(word(o + 12)), address(word(o + 16)), address(call),
        address(word(o + 28)), address(stack))
    line("  calls_end %s calls %s stack_count %d call_count %d open %s", address(word(o + 36)),
        address(calls), word(o + 44), word(o + 48), visit(word(o + 72 + 2 * VALUE)))
    values("globals", o + 72, 1)
    values("slot", stack, (top - stack) / VALUE)
    for i = 0, (call - calls) / 24 do
        local c = calls + i * 24
        line("  call %d base %s func %s top %s", i, address(word(c)), address(word(c + 4)),
            address(word(c + 8)))
    end
end
show[9] = function(o) -- proto
    local constants, code = word(o + 8), word(o + 12)
    line("  constants %s code %s protos %s lines %s names %s upvalues %s source %s", address(constants),
        address(code), address(word(o + 16)), address(word(o + 20)), address(word(o + 24)),
        address(word(o + 28)), visit(word(o + 32)))
    line("  counts %d %d %d %d %d defined %d %d bytes %08x", word(o + 36), word(o + 40), word(o + 44),
        word(o + 48), word(o + 52), word(o + 56), word(o + 60), word(o + 68))
    values("constant", constants, word(o + 40))
    if is_inside(code) then words("code", code, word(o + 44), hex) end
    words("proto", word(o + 16), word(o + 48), visit)
    words("upvalue name", word(o + 28), word(o + 36), visit)
end
show[10] = function(o) -- upvalue
    local at = word(o + 8)
    line("  value %s %s", at == o + 12 and "closed" or address(at), value(at))
end

local function object(o)
    local tag = byte(o + 4)
    line("%08x %s next %s marked %02x", o, names[tag] or tag, address(word(o)), byte(o + 5))
    local write = show[tag]
    if write then write(o) end
end

-- ---- the whole ----

local at, before = base, 0
while at < base + #data do
    local head = word(at)
    local bytes = head - head % 8
    line("block %08x bytes %d used %d before %d", at, bytes, head % 8, word(at + 4))
    assert(bytes > 0 and word(at + 4) == before, "the blocks do not follow each other")
    at, before = at + bytes, bytes
end

local main = base + 8
local global = word(main + 16)
line("strings: slots %s count %d of %d", address(word(global)), word(global + 4), word(global + 8))
for i = 0, word(global + 8) - 1 do
    local s = word(word(global) + i * 4)
    while s ~= 0 do
        visit(s)
        s = word(s)
    end
end
-- alloc, alloc_context; white and phase; sweep; lists; the buffer; the ledger up to the multiplier
line("white %08x sweep %d %s", word(global + 20), word(global + 24), address(word(global + 32)))
line("buffer %s used %d bytes %d", address(word(global + 52)), word(global + 56), word(global + 60))
words("ledger", global + 64, 6, tostring)
values("registry", global + 92, 1)
words("metatable", global + 96 + VALUE + (is_float and 24 or 20), 9, visit)
local o = word(global + 28)
while o ~= 0 and is_inside(o) do
    visit(o)
    o = word(o)
end
visit(main)
for _, addr in ipairs(todo) do
    object(addr) -- the list grows meanwhile
end
line("%d objects", #todo)
