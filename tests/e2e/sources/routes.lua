-- A secret and what else a run is given, each taken through the language by another way. Prints the
-- name of a way and the text that came out of it; keeps them all. tests/e2e/sources.sh judges.

local kept = {}
local function out(name, text)
    kept[#kept + 1] = text
    print("ROUTE", name, (text:gsub("[^%w%-_=+/ :;.{}\"@%%]", "?")))
end

local function read(name)
    local f = file.open(name, "r")
    local text = f:read(1000)
    f:close()
    return text
end

local text = read("store.cfg")                 -- word=Zq7hunter2Zq7rosebud\nlevel=17\n
local word = text:match("word=(%S+)")
out("capture", word)
out("sub", text:sub(6, 20))
out("upper", word:upper())
out("reverse", word:reverse())
out("rep", word:rep(2))
out("format", ("[%s]"):format(word))
out("format of a number", ("level %d of many"):format(text:match("level=(%d+)")))
out("concat", "POST /login?w=" .. word)
out("concat of lines", "a line " .. text:sub(1, 9) .. " and no more")
out("table.concat", table.concat({"prefix", word, "suffix"}, "--"))
out("gsub with a text", ("hello $name, welcome"):gsub("%$name", word))
out("gsub with a table", (("hello $name, welcome back"):gsub("%$(%w+)", {name = word})))
out("gsub with a function",
    (("$name is $what, $name"):gsub("%$(%w+)", function(k) return k == "name" and word or "late" end)))
for w in text:gmatch("[^\n]+") do out("gmatch", w) end

-- characters, one by one
local chars = {}
for i = 1, #word do chars[i] = word:sub(i, i) end
out("characters by sub", table.concat(chars))
local joined = ""
for c in word:gmatch(".") do joined = joined .. c end
out("characters by gmatch", joined)
local bytes = {}
for i = 1, #word do bytes[i] = word:byte(i) end
out("bytes", string.char(unpack(bytes)))
local shifted = {}
for i = 1, #word do shifted[i] = string.char((word:byte(i) + 1) % 256) end
out("shifted bytes", table.concat(shifted))

-- tables of constants, by number and by text
local digits = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f"}
local hex = {}
for i = 1, #word do
    local b = word:byte(i)
    hex[#hex + 1] = digits[math.floor(b / 16) + 1] .. digits[b % 16 + 1]
end
out("hexadecimal by table", table.concat(hex))
local coded = {}
for i = 1, #word do coded[i] = ("%02x"):format(word:byte(i)) end
local code = table.concat(coded)
out("hexadecimal by format", code)
out("hexadecimal decoded", (code:gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end)))
local map = {}
local alphabet = "abcdefghijklmnopqrstuvwxyz"
for i = 1, 26 do map[alphabet:sub(i, i)] = alphabet:sub((i + 12) % 26 + 1, (i + 12) % 26 + 1) end
local turned = {}
for c in word:lower():gmatch("%a") do turned[#turned + 1] = map[c] end
out("turned by a map", table.concat(turned))

-- base64 in Lua, both ways
local b64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function encode(s)
    local result = {}
    for i = 1, #s - 2, 3 do
        local a, b, c = s:byte(i, i + 2)
        local n = a * 65536 + b * 256 + c
        for k = 3, 0, -1 do
            local d = math.floor(n / 64 ^ k) % 64
            result[#result + 1] = b64:sub(d + 1, d + 1)
        end
    end
    return table.concat(result)
end
local function decode(s)
    local result = {}
    for i = 1, #s, 4 do
        local n = 0
        for k = 0, 3 do n = n * 64 + b64:find(s:sub(i + k, i + k), 1, true) - 1 end
        for k = 2, 0, -1 do result[#result + 1] = string.char(math.floor(n / 256 ^ k) % 256) end
    end
    return table.concat(result)
end
local encoded = encode(word)
out("base64", encoded)
out("base64 decoded", decode(encoded))
out("header", "Authorization: Basic " .. encoded)

-- JSON by hand and by the module
local function value_of(json, key) return json:match('"' .. key .. '"%s*:%s*"([^"]*)"') end
local json = read("data.json")                  -- {"who":"Zq7-olga-Zq7","pin":"Zq74711Zq7"}
out("JSON by patterns", value_of(json, "who"))
out("JSON by the module", sjson.decode(json).pin)
out("JSON again", sjson.encode({who = value_of(json, "who")}))
out("toBase64", encoder.toBase64(word))
out("toHex", encoder.toHex(word))
out("struct", struct.unpack("c6", struct.pack("c6", word)))

-- code
out("loadstring", loadstring("return '" .. word .. "!'")())
out("its constants joined", loadstring("local a = ... return a .. '" .. word:sub(1, 8) .. "'")("x: "))
local pieces = {"return '", word, " by pieces'"}
local at = 0
out("load", load(function() at = at + 1 return pieces[at] end)())
out("chunk name", debug.traceback("at " .. word))
local _, message = pcall(error, "refused: " .. word, 0)
out("error message", message)
_, message = loadstring("x = = '" .. word .. "'")
out("compiler's message", message)
_, message = pcall(loadstring("local t = nil; return t.field", "@" .. word .. ".lua"))
out("VM's message", message)

-- closures, threads, metatables, a queue
local queue = coroutine.wrap(function() for c in word:gmatch("..") do coroutine.yield(c) end end)
local pairs_of = {}
for i = 1, 6 do pairs_of[i] = queue() end
out("pairs by a thread", table.concat(pairs_of, "."))
local object = setmetatable({}, {__index = function(_, k) return word .. "/" .. k end,
                                 __concat = function(a, b) return tostring(b) .. word end,
                                 __tostring = function() return "object " .. word end})
out("__index", object.field)
out("__concat", object .. "tail of it")
out("__tostring", tostring(object))
local p = pipe.create()
p:write(word)
p:write(" through a pipe")
out("pipe", p:read(20))

-- files
local f = file.open("copy.txt", "w")
f:write("written " .. word)
f:close()
out("file written and read", read("copy.txt"))
out("file name", (next(file.list("Zq7"))))

-- numbers and what the chip is
out("number", "total " .. (#text * 3) .. " bytes")
out("chip", "node-" .. node.chipid())
out("chip in hex", ("esp-%06x"):format(node.chipid()))
out("MAC", "mac " .. wifi.sta.getmac())
out("heap", "free heap " .. node.heap())
out("time", "uptime " .. tmr.now() .. " us")
out("ADC", "reading " .. adc.read(0))
out("random", "lot " .. math.random(1000000))

-- names of credentials
local settings = {password = "Zq7 constant password", address = "a constant address"}
out("key of a constant", "login " .. settings.password)
local found = dofile("wifi_credentials.lua")
out("file of credentials", "join " .. found.name)
local apiToken = "Zq7 constant token"
out("local of a constant", "with " .. apiToken)
local inImage = node.LFS.get("net_secrets")()
out("module of credentials", "knock " .. inImage.word .. " and " .. inImage[1])
out("user's word", "say " .. dofile("tannoy.lua"))

-- what is the program's own
local function fine(name, text)
    kept[#kept + 1] = text
    print("FINE", name, text)
end
fine("constant", "a constant of the program")
fine("joined", "constant" .. (" made of %s"):format("constants"))
fine("in a table", table.concat({"list", "of", "constants"}, " - "))
fine("replaced", (("a b c and the rest"):gsub("%a", "%0%0")))
fine("address", "at " .. settings.address)
fine("upper", ("a constant address of it"):upper())
fine("known word", (text:find("level", 1, true) and "level of the house"))
kept.done = true
for i = 1, #kept do kept[i] = kept[i] end
