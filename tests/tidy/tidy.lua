-- Checks the house style of C sources: columns, lengths of functions and files, layers, banned calls,
-- files without a purpose, records without pinned sizes, exceptions that nothing needs. Prints one
-- line per fault: FILE:LINE: what.
--
-- usage: tidy.lua [--whole] FILE...     (paths from the root of the tree)
-- --whole: the files are all there are, so an exception that none of them uses is a fault.
-- Status 1 if there is a fault. Ends with a line of figures (assertions per function, comment share).

local COLUMNS, FUNCTION_LINES, FILE_LINES = 100, 100, 900

-- Layers, lowest first. A file may include from its own layer and lower ones.
local RUNTIME = {
    {"runtime/format/"}, {"runtime/port/port.h"}, {"runtime/probe/"}, {"runtime/world/"},
    {"runtime/flash/"}, {"runtime/core/"}, {"runtime/freezer/"}, {"runtime/lib/", "runtime/luac/", "runtime/nodemcu/"},
    {"runtime/port/", "runtime/world/host/"},
}
local ANALYSIS = {
    {"runtime/format/"}, {"analyzer/base/"}, {"reports/"},
    {"analyzer/trace/", "analyzer/image/", "analyzer/flash/", "analyzer/elf/", "analyzer/analysis/", "analyzer/models/", "analyzer/history/"},
    {"collectors/"}, {"analyzer/job/"}, {"analyzer/cmd/"},
}
-- Exceptions: what a file may include besides. Each must be used (--whole).
local JOINTS = {
    ["analyzer/flash/"] = {"runtime/flash/", "runtime/port/host/directory_names.h"}, -- flash files are read and written by the device's own code
    ["runtime/luac/luac_main.c"] = {"runtime/port/"}, -- a program: it starts the port
}
-- Structs of runtime/format/ that are not stored: results of decoding.
local NOT_STORED = {["xtensa_insn"] = true}
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

-- The longest prefix says which.
local function layer_of(path, layers)
    local layer, bytes = nil, 0
    for i, prefixes in ipairs(layers) do
        for _, prefix in ipairs(prefixes) do
            if #prefix > bytes and starts(path, prefix) then layer, bytes = i, #prefix end
        end
    end
    return layer
end

local used_joints = {}

local function is_joint(path, included)
    for from, targets in pairs(JOINTS) do
        if starts(path, from) then
            for _, target in ipairs(targets) do
                if starts(included, target) then
                    used_joints[from .. " " .. target] = true
                    return true
                end
            end
        end
    end
    return false
end

local function check_joints()
    for from, targets in pairs(JOINTS) do
        for _, target in ipairs(targets) do
            if not used_joints[from .. " " .. target] then
                fault("tests/tidy/tidy.lua", 1, "nothing needs the exception " .. from .. " -> " .. target)
            end
        end
    end
end

local function check_include(path, line, included)
    if starts(path, "tests/") then return end
    local layers = (starts(path, "runtime/")) and RUNTIME or ANALYSIS
    local own, other = layer_of(path, layers), layer_of(included, layers)
    if not own or (other and other <= own) or is_joint(path, included) then return end
    if not other then
        fault(path, line, "includes " .. included .. ", which is of the other side")
    else
        fault(path, line, "includes " .. included .. ", a higher layer")
    end
end

local function check_calls(path, number, text)
    for _, name in ipairs(BANNED) do
        if text:find("%f[%w_]" .. name .. "%s*%(") then fault(path, number, "calls " .. name) end
    end
    if starts(path, "runtime/") and not starts(path, "runtime/port/host/")
        and not starts(path, "runtime/world/host/") and not starts(path, "runtime/luac/") then
        for _, name in ipairs(ALLOCATION) do
            if text:find("%f[%w_]" .. name .. "%s*%(") then
                fault(path, number, "calls " .. name .. " in the runtime")
            end
        end
    end
end

-- Records that lie in flash, in files or on a wire: all structs of runtime/format/ and all packed ones.
-- Their sizes are pinned where they are defined; of structs that a macro makes, that of one at least.
local function check_records(path, lines)
    local text = table.concat(lines, "\n")
    local name, began
    for number, line in ipairs(lines) do
        local opened = line:match("^%s*struct ([%w_]+#?#?[%w_]*) {")
        if opened then name, began = opened, number end
        local is_packed = line:find("^%s*} __attribute__%(%(packed%)%)")
        local is_format = starts(path, "runtime/format/") and line:find("^};")
        if name and (is_packed or is_format) and not NOT_STORED[name] then
            local fixed = name:match("^[%w_]*")
            local stop = fixed == name and "[^%w_]" or ""
            if not text:find("_Static_assert%(sizeof%(struct " .. fixed .. stop) then
                fault(path, began, "struct " .. name .. " has no _Static_assert on its size")
            end
            name = nil
        end
    end
end

-- A purpose is a sentence, not the name once more.
local function check_purpose(path, text)
    local purpose = text:match("^// [%w_]+%.[chS]: (.+)")
    if not purpose then
        fault(path, 1, "does not begin with its name and purpose")
    elseif text:match("^// ([%w_]+%.[chS]): ") ~= path:match("[^/]*$") then
        fault(path, 1, "begins with another name than its own")
    elseif not purpose:find("%a+[^%a]+%a+") then
        fault(path, 1, "has no purpose in words")
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
    local last, lines = nil, {}
    for text in file:lines() do
        number = number + 1
        lines[number] = text
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
        if number == 1 then check_purpose(path, text) end
        if text:find("%S") then last = text end
    end
    file:close()
    check_records(path, lines)
    if number > FILE_LINES then
        fault(path, number, number .. " lines")
    end
end

local is_whole = arg[1] == "--whole"
if is_whole then table.remove(arg, 1) end
for i = 1, #arg do check_file(arg[i]) end
if is_whole then check_joints() end
print(("tidy: %d files, %d faults, %.2f assertions a function, %.0f %% comments"):format(
    #arg, faults, asserts / math.max(functions, 1), 100 * comment_lines / math.max(code_lines, 1)))
os.exit(faults > 0 and 1 or 0)
