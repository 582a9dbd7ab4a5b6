-- More ways of what a run is given, as routes.lua: through modules, errors, threads, objects, files that
-- the program has written itself.

local kept = {}
local function out(name, text)
    kept[#kept + 1] = text
    print("ROUTE", name, (text:gsub("[^%w%-_=+/ :;.{}\"@%%]", "?")))
end
local function read(name) local f = file.open(name, "r") local text = f:read(1000) f:close() return text end
-- what was read
local text = read("store.cfg")
local word = text:match("word=(%S+)")
out("%q", ("%q"):format(word))
out("%s of a pad", ("%-30s|"):format(word))
out("%.5s", ("%.14s and so"):format(word))
out("lower", word:lower())
out("concat of three", "<" .. word .. ">")
local f = file.open("store.cfg", "r")
out("readline", f:readline())
f:seek("set", 5)
out("read to a character", f:read("\n"))
f:close()
file.open("store.cfg", "r")
out("file.readline", file.readline())
file.close()
out("getcontents", file.getcontents("data.json"))
-- JSON
local enc = sjson.encoder({pin = word, list = {word, 1, true}})
out("sjson.encoder", enc:read(100))
local dec = sjson.decoder()
dec:write('{"a":"' .. word) dec:write('x","' .. word .. 'key":{"b":"two"}}')
local res = dec:result()
out("sjson.decoder", res.a)
for k in pairs(res) do if k ~= "a" then out("sjson key", k) end end
out("decode of a list", sjson.decode('["' .. word .. '[]"]')[1])
local seen = {}
sjson.decode(read("data.json"), {metatable = {__newindex = function(t, k, v) seen[#seen + 1] = "set " .. k .. "=" .. tostring(v) rawset(t, k, v) end}})
out("decode with a metatable", seen[1])
-- encoder, crypto, struct
out("fromBase64", encoder.fromBase64(encoder.toBase64(word .. "b")))
out("fromHex", encoder.fromHex(encoder.toHex(word .. "h")))
out("hash", encoder.toHex(crypto.hash("sha1", word)))
out("hmac", encoder.toHex(crypto.hmac("sha1", "a message of the program", word)))
out("hmac key", encoder.toBase64(crypto.hmac("sha256", word, "a key of the program")))
local h = crypto.new_hash("md5") h:update("prefix") h:update(word)
out("new_hash", encoder.toHex(h:finalize()))
out("mask", encoder.toHex(crypto.mask("constant text of it", word)))
out("encrypt", encoder.toHex(crypto.encrypt("AES-ECB", "1234567890abcdef", word .. "0123456789")))
out("decrypt", (crypto.decrypt("AES-ECB", "1234567890abcdef", crypto.encrypt("AES-ECB", "1234567890abcdef", word .. "0123456789"))))
out("fhash", encoder.toHex(crypto.fhash("sha1", "store.cfg")))
out("struct.pack", "p " .. struct.pack(">s", word))
local a, b = struct.unpack(">sI2", struct.pack(">sI2", word .. "u", 4711))
out("struct.unpack", a)
out("struct number", "number " .. b)
-- arguments that are passwords and keys
local fourth, third = "Zq7 constant of the broker", "Zq7 constant for a digest"
local client = mqtt.Client("a client of it", 60, "a user", fourth)
crypto.hmac("sha1", "a text", third)
out("password of mqtt.Client", "broker with " .. fourth)
out("key of crypto.hmac", "digest with " .. third)
-- string functions
out("find's captures", select(3, text:find("word=(%w+)")))
out("gsub anchored", (text:gsub("^word=", "pass of ")))
out("gsub with %1", (text:gsub("word=(%w+)", "user %1 here")))
out("gsub by position", (("nnnnn"):gsub("()n", function(p) return word:sub(p, p) end)))
out("rep with byte", ("x"):rep(word:byte(1)))
out("char of a sum", string.char(word:byte(1) + 1, word:byte(2), word:byte(3), 65, 66))
local sum = 0
for i = 1, #word do sum = (sum * 31 + word:byte(i)) % 65536 end
out("checksum", "checksum " .. sum)
out("checksum in hex", ("sum %04x"):format(sum))
out("length", "length " .. #word .. " of it")
local function xor(s, key) local r = {} for i = 1, #s do r[i] = string.char(bit.bxor(s:byte(i), key:byte((i - 1) % #key + 1))) end return table.concat(r) end
out("xor", xor("a constant of the program", word))
out("xor back", xor(xor(word, "key"), "key"))
local rev = "" for i = #word, 1, -1 do rev = rev .. word:sub(i, i) end
out("reversed by sub", rev)
local t = {} for c in word:gmatch("%w") do t[#t + 1] = c end table.sort(t)
out("sorted characters", table.concat(t))
out("tostring", tostring(word .. "!"))
-- tables
local keys = {[word .. "k"] = 1}
for k in pairs(keys) do out("key of pairs", k) end
out("next", (next({[word .. "n"] = true})))
local parts = {} for p in ("a,b,c"):gmatch("%w") do parts[#parts + 1] = p .. word end
out("joined in a loop", table.concat(parts, ","))
out("unpack and vararg", (function(...) return table.concat({...}, "+") end)(unpack({"x", word, "y"})))
out("concat of numbers", table.concat({"n", #word, #text}, ":"))
-- errors
out("error with place", select(2, pcall(function() error("bad " .. word) end)))
out("error level 2", select(2, pcall(function() error(word .. " is bad", 2) end)))
out("assert", select(2, pcall(assert, false, "assert " .. word)))
out("xpcall", select(2, xpcall(function() error(word) end, function(m) return "handled " .. m end)))
out("xpcall traceback", select(2, xpcall(function() error(word) end, debug.traceback)))
out("error table", select(2, pcall(error, {m = word .. "t"})).m)
out("index of nil", select(2, pcall(function() local q = {} return q[word].x.y end)) .. word)
out("tonumber error", select(2, pcall(function() return word + 1 end)) .. " " .. word)
out("bad argument", select(2, pcall(string.rep, word)) .. "" .. word:sub(1, 12))
out("wrong option", select(2, pcall(string.format, "%" .. word, 1)))
out("missing module", select(2, pcall(require, word)))
out("missing file", select(2, pcall(dofile, word .. ".lua")))
local fn, why = loadfile(word .. ".lua")
out("loadfile", why)
out("setmetatable index string", (function() local m = setmetatable({}, {__index = function(t, k) return "default " .. k end}) return m[word] end)())
-- coroutines
local co = coroutine.create(function(x) local y = coroutine.yield("got " .. x) error("thread " .. y) end)
out("resume", select(2, coroutine.resume(co, word)))
out("error in a thread", select(2, coroutine.resume(co, word .. "2")))
out("wrap", coroutine.wrap(function(...) coroutine.yield(table.concat({...}, "/")) end)("in", word))
-- metamethods
local mt = {__tostring = function(s) return "obj(" .. s.w .. ")" end, __concat = function(x, y) return "cat(" .. (type(x) == "table" and x.w or x) .. ")" end,
    __call = function(s, x) return s.w .. x end, __unm = function(s) return "minus " .. s.w end, __add = function(s, o) return s.w .. "+" .. o end}
local o = setmetatable({w = word}, mt)
out("tostring()", tostring(o))
out("call", o(" called"))
out("unm", -o)
out("add", o + "const")
out("upvalue", (function() local u = "up " .. word return function() return u .. "!" end end)()())
_G.theGlobal = "global " .. word
out("global", _G.theGlobal .. "?")
-- code
out("setfenv", setfenv(loadstring("return value .. ' read'"), {value = word})())
out("string.dump", (string.dump(loadstring("return '" .. word .. "'", "=x")):match("Z%w+") or "none " .. word))
local f2 = file.open("made.lua", "w") f2:write("return 'made " .. word .. "'") f2:close()
out("dofile of made", dofile("made.lua"))
node.compile("made.lua")
out("compiled .lc", dofile("made.lc"))
out("pipe lines", (function() local p = pipe.create() p:write(word .. "\nnext") return p:read("\n") end)())
-- environment
out("node.info", "build " .. tostring(node.info("hw").chip_id))
out("info old", "flash " .. tostring(node.flashid()))
out("bootreason", "boot " .. tostring((node.bootreason())) .. " and more")
out("time", ("%d seconds"):format(tmr.time()))
rtctime.set(1700000000 + node.chipid())
local tm = rtctime.epoch2cal(rtctime.get())
out("rtctime", ("%04d-%02d-%02d %02d:%02d"):format(tm.year, tm.mon, tm.day, tm.hour, tm.min))
out("epoch", "since " .. rtctime.get())
rtcmem.write32(1, 12345)
out("rtcmem", "rtc " .. rtcmem.read32(1) .. " x")
out("ip", "http://" .. (wifi.ap.getip() or "none") .. "/")
out("fsinfo", "free " .. file.fsinfo())
out("stat", "size " .. file.stat("store.cfg").size .. " bytes")
out("table address", tostring({}))
out("function address", "at " .. tostring(print))
out("gc count", "kB " .. collectgarbage("count"))
out("gpio", "level " .. gpio.read(1))
out("random text", "r" .. node.random(100000))
out("ccount", "cc " .. tmr.ccount())
out("hex number", ("0x%x"):format(tmr.now()))
for i = 1, #kept do kept[i] = kept[i] end
