-- Checks the READMEs of the tree against its files: each directory of sources is described, tables name
-- files that exist and leave none out, paths in the text lead somewhere, no README is longer than a
-- screen and a half. Prints one line per fault: FILE: what.
--
-- usage: readmes.lua <LIST     (all tracked files, one a line, paths from the root of the tree)
-- Status 1 if there is a fault. Ends with a line of figures.

local LINES, LINES_TOP = 80, 150 -- of a directory's README; of the one at the root

-- Files at the root; a directory there has a row in its README.
local ROOT_FILES = {["README.md"] = true, LICENSE = true, Makefile = true, [".clang-format"] = true,
    [".gitignore"] = true}

local SOURCES = {c = true, h = true, lua = true, sh = true, S = true, py = true}

-- First words of tables that list files. "file of `host/`": the names are relative to host/.
local LISTS = {"^files?%f[%W]", "^directories?%f[%W]", "^director", "^path", "^case", "^test$"}

local files, dirs, readmes, faults, names = {}, {}, {}, 0, 0

local function fault(path, what)
    faults = faults + 1
    print(path .. ": " .. what)
end

local function dir_of(path)
    return path:match("^(.*)/[^/]*$") or ""
end

local function join(dir, name)
    return dir == "" and name or dir .. "/" .. name
end

-- `a.{h,c}` is a.h and a.c; a name without braces is itself.
local function expand(name, out)
    local before, inner, after = name:match("^(.-){([^{}]*)}(.*)$")
    if not before then
        out[#out + 1] = name
        return out
    end
    for part in inner:gmatch("[^,]+") do expand(before .. part .. after, out) end
    return out
end

-- A name as a pattern: `*` and NAME stand for any part of one path element.
local function pattern_of(name)
    local escaped = name:gsub("%f[%u]NAME%f[%U]", "*"):gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0")
    return "^" .. escaped:gsub("%*", "[^/]*") .. "$"
end

-- All files and directories that `name` in `dir` may mean. A stem means its .c and .h.
local function find(dir, name, found)
    name = name:gsub("/$", "")
    while name:sub(1, 3) == "../" do dir, name = dir_of(dir), name:sub(4) end
    local count = 0
    for _, suffix in ipairs({"", ".c", ".h"}) do
        local pattern = pattern_of(join(dir, name) .. suffix)
        for _, set in ipairs({files, dirs}) do
            for path in pairs(set) do
                if path:find(pattern) then
                    count = count + 1
                    if found then found[path] = true end
                end
            end
        end
    end
    return count > 0
end

-- ---- reading ----

local function is_list(cell)
    for _, pattern in ipairs(LISTS) do
        if cell:find(pattern) then return true end
    end
end

-- Calls row(base, cell) for the first cell of each row of a table of files.
local function each_row(dir, lines, row)
    local base, in_list, in_table
    for _, line in ipairs(lines) do
        local cell = line:match("^|%s*(.-)%s*|")
        if not cell then
            in_table = false
        elseif not in_table then
            in_table, in_list = true, is_list(cell)
            base = join(dir, cell:match("of `(.-)/`") or ""):gsub("/$", "")
        elseif in_list and not cell:find("^%-%-%-") then
            row(base, cell)
        end
    end
end

local function each_name(cell, use)
    for quoted in cell:gmatch("`([^`]+)`") do
        for name in quoted:gmatch("%S+") do
            for _, one in ipairs(expand(name, {})) do use(one) end
        end
    end
end

-- ---- rules ----

local function check_table(path, dir, lines, named)
    each_row(dir, lines, function(base, cell)
        each_name(cell, function(name)
            names = names + 1
            local here = find(base, name, named)
            if not here and not find("", name, named) then
                fault(path, "names `" .. name .. "`, which does not exist")
            end
        end)
    end)
end

local function check_paths(path, dir, lines)
    each_name(table.concat(lines, "\n"):gsub("```.-```", ""), function(name)
        name = name:gsub("[,;:]+$", "")
        local top = name:match("^([%w]+)/")
        if top and dirs[top] and not name:find("%.%.%.") then
            names = names + 1
            if not find("", name) then fault(path, "names `" .. name .. "`, which does not exist") end
        end
    end)
    for link in table.concat(lines, "\n"):gmatch("%]%(([^%)]+)%)") do
        if not link:find("^%a+:") and not find(dir, link) then
            fault(path, "links to " .. link .. ", which does not exist")
        end
    end
end

-- A README with a table of files names every C source beside it.
local function check_complete(path, dir, named)
    local has_table = false
    for name in pairs(named) do
        if files[name] and dir_of(name) == dir and name:find("%.c$") then has_table = true end
    end
    for file in pairs(files) do
        if has_table and dir_of(file) == dir and file:find("%.c$") and not named[file]
            and not named[(file:gsub("c$", "h"))] then
            fault(path, "has no row for " .. file:match("[^/]*$"))
        end
    end
end

local function check_readme(path)
    local dir, lines, named = dir_of(path), {}, {}
    for line in io.lines(path) do lines[#lines + 1] = line end
    local most = dir == "" and LINES_TOP or LINES
    if #lines > most then fault(path, ("has %d lines of at most %d"):format(#lines, most)) end
    check_table(path, dir, lines, named)
    check_paths(path, dir, lines)
    check_complete(path, dir, named)
    readmes[dir] = named
end

-- Described: by a README of its own, or by a row of the next one above.
local function check_directory(dir)
    local above = dir
    while not readmes[above] and above ~= "" do above = dir_of(above) end
    if above == dir then return end
    for name in pairs(readmes[above] or {}) do
        if name == dir or name:sub(1, #dir + 1) == dir .. "/" then return end
    end
    fault(dir, "has neither a README.md nor a row in " .. join(above, "README.md"))
end

-- What a trial has left at the root is not ours.
local function check_root(path)
    if dir_of(path) == "" and not ROOT_FILES[path] then fault(path, "is not a file of the root") end
end

local function sorted(set)
    local keys = {}
    for key in pairs(set) do keys[#keys + 1] = key end
    table.sort(keys)
    return keys
end

local with_sources, count = {}, 0
for path in io.lines() do
    files[path] = true
    local dir = dir_of(path)
    if SOURCES[path:match("%.(%a+)$") or ""] then with_sources[dir] = true end
    while dir ~= "" and not dirs[dir] do
        dirs[dir] = true
        dir = dir_of(dir)
    end
end
for _, path in ipairs(sorted(files)) do
    check_root(path)
    if path:match("[^/]*$") == "README.md" then
        count = count + 1
        check_readme(path)
    end
end
for _, dir in ipairs(sorted(with_sources)) do check_directory(dir) end
print(("%d READMEs, %d names that exist"):format(count, names))
os.exit(faults == 0 and 0 or 1)
