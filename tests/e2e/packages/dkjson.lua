-- dkjson without lpeg: encoding, decoding, order, exceptions, positions of errors.
local json = require "dkjson"
print(json.version, json.using_lpeg)
print(json.encode({1, 2.5, -3, "x", true, false, json.null, {}, {n = 1}}))
print(json.encode({b = 1, a = {2, {c = "d"}}, [3] = "three"}, {indent = true, keyorder = {"b", "a"}}))
print(json.encode(setmetatable({}, {__jsontype = "array"})), json.encode({}), json.encode({[2] = 1}))
print(json.encode(setmetatable({z = 1, y = 2, x = 3}, {__jsonorder = {"x", "y", "z"}})))
print(json.encode(setmetatable({}, {__tojson = function(_, state) return "\"custom\"" end})))
print(json.encode("control \0\1\31 quote \" back \\ slash / tab \t \127 \226\128\168 \195\164"))
print(json.encode(1 / 0), json.encode(0.1), json.encode(1e15), json.encode(123456789012))
print(pcall(json.encode, {f = print}))
print(json.encode({f = print}, {exception = function(reason) return "\"" .. reason .. "\"" end}))
local loop = {}
loop.loop = loop
print(pcall(json.encode, loop))
local function show(v, indent)
    indent = indent or ""
    if type(v) ~= "table" then print(indent .. type(v), v == json.null and "null" or v) return end
    local keys = {}
    for k in pairs(v) do keys[#keys + 1] = k end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    for _, k in ipairs(keys) do print(indent .. tostring(k)) show(v[k], indent .. "  ") end
end
show(json.decode([[ {"a": [1, 2.5e3, -0.25, {"b": null}], "c": "\u00e4\ud83d\ude00\n\"", // note
  "d": true, /* more */ "e": {}} ]]))
for _, bad in ipairs {"", "[1,", "{\"a\" 1}", "[1 2]", "\"open", "nul", "[1]]", "{\n\n  x}"} do
    local value, at, message = json.decode(bad)
    print(value and "value" or nil, at, message)
end
local value, at = json.decode("  [1, null] tail", 1, "NULL", nil)
print(value[1], value[2], at)
print(getmetatable(json.decode("[]", 1, nil)).__jsontype, getmetatable(json.decode("{}")).__jsontype)
local big = {}
for i = 1, 300 do big[i] = {id = i, text = ("x"):rep(i % 9), list = {i, i * i}} end
local text = json.encode(big, {keyorder = {"id", "text", "list"}})
print(#text, json.encode(json.decode(text), {keyorder = {"id", "text", "list"}}) == text)
