-- Checks the house style of C sources: columns, lengths of functions and files, layers, banned calls,
-- headers without a purpose, records without pinned sizes. Prints one line per fault: FILE:LINE: what.
--
-- usage: tidy.lua FILE...     (paths from the root of the tree)
-- Status 1 if there is a fault. Ends with a line of figures (assertions per function, comment share).

local COLUMNS, FUNCTION_LINES, FILE_LINES = 100, 100, 900

-- Layers, lowest first. A file may include from its own layer and lower ones.
local RUNTIME = {
    {"runtime/format/"}, {"runtime/port/port.h"}, {"runtime/probe/"}, {"runtime/flash/"},
    {"runtime/core/"}, {"runtime/freezer/"}, {"runtime/lib/", "runtime/luac/", "runtime/nodemcu/"},
    {"runtime/port/"},
}
local ANALYSIS = {
    {"runtime/format/"}, {"analyzer/base/"}, {"reports/"},
    {"analyzer/trace/", "analyzer/image/", "analyzer/elf/", "analyzer/analysis/", "analyzer/models/"},
    {"collectors/"}, {"analyzer/cmd/"},
}
-- Places that join layers: the core's own view of what the port and probes need, by file.
local JOINTS = {
    ["runtime/probe/"] = {"runtime/core/"}, -- a probe reads the state it reports on
    ["runtime/flash/"] = {"runtime/core/lua.h"},
    ["runtime/luac/luac_main.c"] = {"runtime/port/"}, -- a program: it starts the port
    ["runtime/core/"] = {"runtime/lib/", "runtime/nodemcu/"},
}
local BANNED = {"strcpy", "strcat", "sprintf", "gets", "atoi", "strtok"}
local ALLOCATION = {"malloc", "calloc", "realloc", "free", "printf"}

local faults, functions, asserts, code_lines, comment_lines = 0, 0, 0, 0, 0

local function fault(path, line, what)
    faults = faults + 1
    print(("%s:%d: %s"):format(path, line, what))
end

local function starts(text, prefix)
    return text:sub(1, #prefix) == prefix
end

local function layer_of(path, layers)
    for i, prefixes in ipairs(layers) do
        for _, prefix in ipairs(prefixes) do
            if starts(path, prefix) then return i end
        end
    end
end

local function is_joint(path, included)
    for from, targets in pairs(JOINTS) do
        if starts(path, from) then
            for _, target in ipairs(targets) do
                if starts(included, target) then return true end
            end
        end
    end
    return false
end

local function check_include(path, line, included)
    if starts(path, "tests/") then return end
    local layers = (starts(path, "runtime/")) and RUNTIME or ANALYSIS
    local own, other = layer_of(path, layers), layer_of(included, layers)
    if not own or is_joint(path, included) then return end
    if not other then
        fault(path, line, "includes " .. included .. ", which is of the other side")
    elseif other > own then
        fault(path, line, "includes " .. included .. ", a higher layer")
    end
end

local function check_calls(path, number, text)
    for _, name in ipairs(BANNED) do
        if text:find("%f[%w_]" .. name .. "%s*%(") then fault(path, number, "calls " .. name) end
    end
    if starts(path, "runtime/") and not starts(path, "runtime/port/host/")
        and not starts(path, "runtime/luac/") then
        for _, name in ipairs(ALLOCATION) do
            if text:find("%f[%w_]" .. name .. "%s*%(") then
                fault(path, number, "calls " .. name .. " in the runtime")
            end
        end
    end
end

-- Text without comments and the contents of literals; knows block comments over lines.
local function strip(text)
    text = text:gsub('\\.', "  "):gsub('"[^"]*"', '""'):gsub("'[^']*'", "''")
    return (text:gsub("//.*", ""):gsub("/%*.-%*/", ""))
end

local function check_file(path)
    local file, why = io.open(path)
    if not file then fault(path, 0, why) return end
    local number, start, name, is_switch = 0, nil, nil, false
    local last
    for text in file:lines() do
        number = number + 1
        local width = #text:gsub("[\128-\191]", "")
        if width > COLUMNS then fault(path, number, width .. " columns") end
        if text:find("\t") then fault(path, number, "tab") end
        if text:find("%s$") then fault(path, number, "blank at the end") end
        local code = strip(text)
        if text:find("//", 1, true) then comment_lines = comment_lines + 1 end
        if code:find("%S") then code_lines = code_lines + 1 end
        local included = text:match('^#include "([^"]+)"')
        if included then check_include(path, number, included) end
        check_calls(path, number, code)
        if code:find("%f[%w_]assert%(") then asserts = asserts + 1 end
        if text == "{" then
            start, name, is_switch = number, last, false
            functions = functions + 1
        elseif text == "}" and start then
            if number - start > FUNCTION_LINES and not is_switch then
                fault(path, start, ("function of %d lines: %s"):format(number - start, name or "?"))
            end
            start = nil
        elseif text:find("switch %(") or text:find("CASE%(") or text:find("OP_CASE") then
            is_switch = true
        end
        if number == 1 and not text:find("^// [%w_]+%.[chS]: ") then
            fault(path, 1, "does not begin with its name and purpose")
        end
        if text:find("%S") then last = text end
    end
    file:close()
    if number > FILE_LINES then
        fault(path, number, number .. " lines")
    end
end

for i = 1, #arg do check_file(arg[i]) end
print(("tidy: %d files, %d faults, %.2f assertions a function, %.0f %% comments"):format(
    #arg, faults, asserts / math.max(functions, 1), 100 * comment_lines / math.max(code_lines, 1)))
os.exit(faults > 0 and 1 or 0)
