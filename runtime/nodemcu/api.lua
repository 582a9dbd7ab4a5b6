-- Writes API.md: which names of the firmware's modules are here, from firmware_names.c and the tables
-- that the modules' sources register.
--
-- usage: frost run --profile pc runtime/nodemcu/api.lua SOURCE... >runtime/nodemcu/API.md
--        (make api; SOURCE: all .c files below runtime/nodemcu, and rom_modules.h)

-- ---- what is registered ----

local tables = {}  -- name of a table in C -> list of {kind, key, name of a table in C or nil}
local objects = {} -- module -> list of {name of the object, name of its table in C}
local modules = {} -- module -> name of its table in C
local list         -- text of firmware_names.c

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    return text
end

local function read_tables(text)
    for name, body in text:gmatch("ROTABLE_BEGIN%(([%w_]+)%)(.-)ROTABLE_END") do
        local entries = {}
        for kind, key, value in body:gmatch('ROTABLE_(%u+)%("([^"]+)",%s*([^\n]-)%)\n') do
            entries[#entries + 1] = {kind = kind, key = key, value = value}
        end
        tables[name] = entries
    end
end

-- Objects have a metatable that is its own __index; the file says their name: "tmr.timer".
local known = {} -- names of objects that headers have, for the files behind them
local function read_objects(text)
    local macros = {}
    for name, value in text:gmatch('#define ([%w_]+) "([%w_.]+)"') do macros[name] = value end
    for name, value in pairs(macros) do known[name] = value end
    for name, other in text:gmatch("#define ([%w_]+) ([%u_]+)\n") do macros[name] = known[other] end
    local function add(name, meta)
        local module, object = name:match("^([%w_]+)%.([%w_]+)$")
        module, object = module or name, object or name
        objects[module] = objects[module] or {}
        table.insert(objects[module], {name = object, meta = meta})
    end
    for name, meta in text:gmatch("luaL_rometatable%(L, ([%w_.\"]+), &([%w_]+)%)") do
        add(macros[name] or name:match('^"(.*)"$') or error("no name of an object: " .. name), meta)
    end
    local pipe = text:match("lua_pushrotable%(L, &(pipe_meta)%)")
    if pipe then add(macros.META, pipe) end
end

for _, path in ipairs(arg) do
    local text = read(path)
    read_tables(text)
    read_objects(text)
    if path:find("rom_modules%.h$") then
        for name, lib in text:gmatch('M%("([%w_]+)", ([%w_]+)%)') do modules[name] = lib end
    end
    if path:find("firmware_names%.c$") then list = text end
end
assert(list and next(modules), "firmware_names.c and rom_modules.h are wanted")

-- The names of a module that are here, with the keys of their tables in front.
local function registered(module)
    local found, order = {}, {}
    local function add(name)
        if not found[name] then order[#order + 1] = name end
        found[name] = true
    end
    local function walk(lib, path)
        for _, entry in ipairs(assert(tables[lib], "no table " .. lib)) do
            if entry.kind == "TABLE" and entry.key:sub(1, 2) ~= "__" then
                walk(entry.value, path .. entry.key .. ".")
            elseif entry.key:sub(1, 2) ~= "__" then
                add(path .. entry.key)
            end
        end
    end
    walk(modules[module], "")
    for _, object in ipairs(objects[module] or {}) do
        for _, entry in ipairs(assert(tables[object.meta], "no table " .. object.meta)) do
            if entry.key:sub(1, 2) ~= "__" then add(object.name .. ":" .. entry.key) end
        end
    end
    return found, order
end

-- ---- what there is on the device ----

local function names_of(text)
    local names = {}
    for piece in text:gmatch('"([^"]*)"') do names[#names + 1] = piece end
    return table.concat(names)
end

local rows, absent_modules = {}, {}
local STATES = {[""] = "real", ["~"] = "simulated", ["@"] = "live"}

local function quoted(names)
    for i, name in ipairs(names) do names[i] = "`" .. name .. "`" end
    return table.concat(names, " ")
end

local listed = {}
for module, text in list:gmatch('{"([%w_]+)",(.-)}') do
    listed[module] = true
    if not modules[module] then
        absent_modules[#absent_modules + 1] = module
    else
        local found, order = registered(module)
        local row = {module = module, real = {}, simulated = {}, live = {}, absent = {}, ours = {}}
        local known = {}
        for mark, name in names_of(text):gmatch("([~@]?)([^ ]+)") do
            known[name] = true
            table.insert(row[found[name] and STATES[mark] or "absent"], name)
        end
        for _, name in ipairs(order) do
            if not known[name] then table.insert(row.ours, name) end
        end
        rows[#rows + 1] = row
    end
end
for module in pairs(modules) do
    assert(listed[module], "firmware_names.c has no module " .. module)
end

-- ---- writing ----

print("# The firmware's modules, name by name")
print()
print("Written by `make api` from `firmware_names.c` and the tables that the modules register.")
print("`a:b` is a method of an object `a` of the module, `a.b` a field of its table `a`.")
print()
print("- **real**: does what it does on the device.")
print("- **simulated**: answers as the device does, without the hardware behind it.")
print("- **world**: the same, but with `--live` the computer's network is behind it.")
print("- **absent**: exists in the firmware and is not here: nil, and told at its first use.")
print("- **more**: only here, or a constant that the list of the firmware's names leaves out.")
for _, row in ipairs(rows) do
    print()
    print("## " .. row.module)
    print()
    for _, state in ipairs{"real", "simulated", "live", "absent", "ours"} do
        local title = state == "live" and "world" or state == "ours" and "more" or state
        if #row[state] > 0 then print("- " .. title .. ": " .. quoted(row[state])) end
    end
end
print()
print("## Names that are too long")
print()
print("Read-only tables find keys of at most 32 characters, here and on the device, so")
print("`mqtt.CONNACK_REFUSED_SERVER_UNAVAILABLE`, 3 (34 characters), is nil on both.")
print()
print("## Modules that are not here")
print()
print(quoted(absent_modules) .. ".")
