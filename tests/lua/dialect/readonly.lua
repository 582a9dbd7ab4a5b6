-- Library tables are read-only tables in flash; functions in them are light.
local libraries = { "string", "table", "math", "coroutine", "debug", "node", "file", "tmr", "bit" }
for _, name in ipairs(libraries) do
    local t = _G[name]
    print(name, type(t), rawget(_G, name), ROM[name] == t, #t, next(t) ~= nil, t.no_such_field)
end
print(getmetatable(_G) == _G, rawget(_G, "__index") == ROM, ROM.ROM == ROM, rawget(_G, "print"), rawget(_G, "ROM"))
print(pcall(function() string.mine = 1 end))
print(pcall(rawset, string, "mine", 1))
print(pcall(function() string.format = nil end))
print(pcall(function() ROM.print = nil end))
print(pcall(table.insert, string, 1))
print(pcall(setmetatable, string, {}) == false)
print(rawget(string, "len") == string.len, rawget(string, 1), rawget(string, nil), string[1], string[{}])
print(getmetatable(string), type(getmetatable("")), pcall(function() getmetatable("").x = 1 end))

-- What is in RAM.
local names = {}
for name in pairs(_G) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))

-- next visits the entries in their order, and only them.
local count, keys = 0, {}
for k, v in pairs(coroutine) do
    count = count + 1
    keys[#keys + 1] = k
    assert(coroutine[k] == v)
end
print(count, table.concat(keys, " "))
print(next(coroutine, keys[#keys]))
print(pcall(next, coroutine, "no such key"))
print(pcall(next, coroutine, 5))

-- A global shadows a library and gives it back.
local saved = string
string = { fake = true }
print(string.fake, ROM.string == saved, ("x"):len())
string = nil
print(string == saved)

-- Light functions.
print(type(print), tostring(print):match("^function: ") ~= nil, print == ROM.print, string.len == ROM.string.len)
local set = { [print] = "print", [string.len] = "len" }
print(set[print], set[ROM.string.len], set[string.sub])
print(pcall(setfenv, print, {}))
print(getfenv(print) == _G, getfenv(string.len) == _G)
print(coroutine.wrap(function(...) return select("#", ...) end)(string.len, print))
print(pcall(coroutine.create, print))

-- Read-only tables as keys, in environments, as metatables.
local t = { [math] = "math", [string] = "string" }
print(t[math], t[ROM.string], t[table])
local object = setmetatable({}, { __index = math })
print(object.abs(-3), object.nothing)
print(table.maxn(math), #math, unpack(math), pcall(table.sort, math))
for i, v in ipairs(math) do print(i, v) end
print(table.getn(string), table.concat(string), pcall(table.remove, string))
