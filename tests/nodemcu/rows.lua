-- rows.lua lfs|lc LIST: measures rows, as row.lua, one after each start: the device restarts between them, so
-- that each has a fresh heap without a run for each. LIST has `PROGRAM MODE;` for each: to read it from a file
-- would leave something in the heap.
local from, list = ...
local held = "list" -- as in row.lua
local at, mark = 100, 0x1ed9e4 -- in the memory that outlives a restart: whether it is one, and the last row

local number = 1
if rtcmem.read32(at) == mark then number = rtcmem.read32(at + 1) + 1 end
rtcmem.write32(at, mark, number)

local rows, name, mode = 0
for program, egc in list:gmatch("(%S+) (%d);") do
    rows = rows + 1
    if rows == number then name, mode = program, egc end
end

local function loader(module)
    if from == "lfs" then return node.LFS.get(module) end
    return assert(loadfile(module .. ".lc"))
end

loader("ledger")(name, tonumber(mode), loader, node.egc.peak)
if number < rows then node.restart() end
