-- Draws one-line faults, by a seed, from the lines that quick tests reach.
--
-- usage: draw.lua SEED DIR CONFINED MAX TESTS TIMES COVER_DIR    (from the root of the tree)
-- DIR is a prefix of paths, "" for all. CONFINED is "yes" where a test cannot reach beyond its
-- scratch directory; otherwise files that remove files or end processes are left out. TESTS has a
-- line NAME, TIER, PROGRAMS, COMMAND for each test, TIMES a line NAME, SECONDS, COVER_DIR a file for
-- each test with lines FILE:LINE. Prints up to MAX lines, best order first:
-- NUMBER, FILE, LINE, KIND, TESTS (names, quickest first, between commas), NEW TEXT.
-- All fields are between tabs. A line of a source is drawn at most once.

local here = arg[0]:match("^(.*)/") or "."
package.path = here .. "/?.lua;" .. package.path
local faults = require("faults")

local seed, directory, confined, maximum = tonumber(arg[1]), arg[2], arg[3], tonumber(arg[4])
local tests_file, times_file, cover = arg[5], arg[6], arg[7]

local KINDS = {"comparison", "constant", "statement", "condition", "argument"}
local DANGEROUS = {"unlink", "unlinkat", "rmdir", "remove", "rename", "renameat", "ftruncate", "kill"}

-- Numbers 1..n that depend on the seed alone (minimal standard generator).
local state = seed % 2147483646 + 1
local function random(n)
    state = state * 16807 % 2147483647
    return math.floor(state / 2147483647 * n) + 1
end

local function fields(text)
    local list = {}
    for field in (text .. "\t"):gmatch("([^\t]*)\t") do list[#list + 1] = field end
    return list
end

local function read_times()
    local seconds = {}
    for line in io.lines(times_file) do
        local name, time = unpack(fields(line))
        seconds[name] = tonumber(time)
    end
    return seconds
end

-- reached[file][line] = list of tests, quickest first; quick[file][line] if one of them is quick.
local function read_cover()
    local seconds, tests, reached, quick = read_times(), {}, {}, {}
    for line in io.lines(tests_file) do
        local name, tier = unpack(fields(line))
        if seconds[name] then tests[#tests + 1] = {name = name, is_quick = tier == "quick"} end
    end
    table.sort(tests, function(a, b)
        local x, y = seconds[a.name], seconds[b.name]
        return x < y or x == y and a.name < b.name
    end)
    for _, test in ipairs(tests) do
        for line in io.lines(cover .. "/" .. test.name:gsub("/", "-")) do
            local file, number = line:match("^(.-):(%d+)$")
            number = tonumber(number)
            reached[file], quick[file] = reached[file] or {}, quick[file] or {}
            local list = reached[file][number] or {}
            reached[file][number] = list
            list[#list + 1] = test.name
            if test.is_quick then quick[file][number] = true end
        end
    end
    return reached, quick
end

local function is_dangerous(lines)
    for _, line in ipairs(lines) do
        for _, name in ipairs(DANGEROUS) do
            if line:find("%f[%w_]" .. name .. "%(") then return true end
        end
    end
    return false
end

local function read_lines(file)
    local lines = {}
    for line in io.lines(file) do lines[#lines + 1] = line end
    return lines
end

-- The lines of a file that can be given a fault: appends {file, number, faults} to list.
local function add_file(list, file, quick)
    local lines = read_lines(file)
    if confined ~= "yes" and is_dangerous(lines) then return end
    local before = ""
    for number, line in ipairs(lines) do
        if quick[number] then
            local found = faults.of(line, before, faults.code(lines[number + 1] or ""))
            if next(found) then list[#list + 1] = {file, number, found} end
        end
        local code = faults.code(line)
        if code:find("%S") then before = code end
    end
end

local function draw()
    local reached, quick = read_cover()
    local files, list = {}, {}
    for file in pairs(quick) do
        if file:sub(1, #directory) == directory then files[#files + 1] = file end
    end
    table.sort(files)
    for _, file in ipairs(files) do add_file(list, file, quick[file]) end
    for i = 1, math.min(maximum, #list) do
        local j = i - 1 + random(#list - i + 1)
        list[i], list[j] = list[j], list[i]
        local file, number, found = unpack(list[i])
        local kinds = {}
        for _, kind in ipairs(KINDS) do
            if found[kind] then kinds[#kinds + 1] = kind end
        end
        local kind = kinds[random(#kinds)]
        local text = found[kind][random(#found[kind])]
        local tests = "," .. table.concat(reached[file][number], ",") .. ","
        print(table.concat({i, file, number, kind, tests, text}, "\t"))
    end
end

draw()
