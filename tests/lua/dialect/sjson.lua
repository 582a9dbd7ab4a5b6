-- sjson: what is escaped, what is refused and with which words, text that comes in pieces.

local function try(...) local r = {pcall(...)} for i=1,#r do r[i]=tostring(r[i]) end print(table.concat(r, " ")) end
print(sjson.encode{1,nil,3}, sjson.encode{}, sjson.encode{a=1}, sjson.encode{[0]=1}, sjson.encode{0.1, 1/3, 1e100, 1/0, -1/0})
print(sjson.encode{"a\"b\\c/\1\n\127", true, false, {x={y={}}}})
print(sjson.encode({"nil", "x"}, {null="x"}))
try(sjson.encode, "x") try(sjson.encode, {coroutine.create(function() end)}) try(sjson.encode, {[{}]=1})
local t = {} for i=1,19 do t = {t} end print(#sjson.encode(t)) try(sjson.encode, {t})
local s = ("["):rep(19) .. ("]"):rep(19) print(type(sjson.decode(s))) try(sjson.decode, "[" .. s .. "]")
local d = sjson.decode[[ {"a":[1,2.5,-3e2,true,false,null,"x\u00e9\n\ud83d\""],"b":{"c":{}}} trailing]]
print(d.a[1], d.a[2], d.a[3], d.a[4], d.a[5], type(d.a[6]), d.a[7], type(d.b.c), #d.a)
print(sjson.decode('[null,1]', {})[1], sjson.decode('[null,1]', {null="N"})[1])
for _, bad in ipairs{'', '1', '"x"', '{a:1}', '{1:2}', '[1,]', '{"a":1,}', '{"a"}', '[1 2]', '["a" "b"]', '[}', '[tru]', '[trux]', '[01]', '[1.]', '["\\x"]', '["\\u12"]', '["a\nb"]', '[,1]', '[:]', '{"a" 1}', '{"a":}', '\\', '[1', '[1]]', "[\0]", '["a\0"]'} do
    local ok, message = pcall(sjson.decode, bad)
    print(ok and "decoded" or message)
end
local d = sjson.decoder() print(d:write('{"k')) print(d:write('ey": [12')) try(d.result, d) print(d:write('3, "ab') == nil, d:write('c"]}').key[1], d:result().key[2], d:write("more").key[1])
local d = sjson.decoder() try(d.write, d, "[}") try(d.write, d, "[]") try(d.result, d)
local e = sjson.encoder({1,2,3,"four"}) print(e:read(3), e:read(4), e:read(0), e:read(), e:read())
local mt = {checkpath = function(t, path) print("path", table.concat(path, ".")) return path[1] ~= "skip" end}
local r = sjson.decode('{"keep":{"a":[1,{"z":1}]},"skip":{"b":{"c":1}},"n":1}', {metatable=mt})
print(r.keep.a[1], r.skip, r.n, getmetatable(r.keep) == mt)

-- Keys, functions, numbers, options, pieces: rows of the facts on the firmware's modules, section 9.
do
    local names = {} for k in pairs(sjson) do names[#names+1]=k end table.sort(names) print(table.concat(names, " "), sjson.NULL)
    print(sjson.encode{[1.5]="x"}, sjson.encode{[0.5]="x"}, sjson.encode{[-1]=1}, sjson.encode{[3]=1}, sjson.encode{["1"]=2}, sjson.encode{[2]=1,a=2} )
    print(sjson.encode{[true]=1}, sjson.encode{a={[false]={}}})
    try(sjson.encode, {[{}]=1}) try(sjson.encode, {[print]=1}) try(sjson.encode, {newproxy()}) try(sjson.encode, {coroutine.create(function() end)})
    local n = 0
    print(sjson.encode{function(...) n = n + 1 return function() return select("#") end end, function() end, print}, n)
    local function deep(n) return function() if n == 0 then return "end" end return deep(n-1) end end
    try(sjson.encode, {deep(8)}) try(sjson.encode, {deep(9)}) try(sjson.encode, {deep(10)}) try(sjson.encode, {deep(30)})
    print(sjson.encode{1, 0.1, 1/3, 1e15, 1e100, 2^53, -0, 0/0, 1e14, 123456789, -5})
    print(sjson.encode{"\b\f\n\r\t\0\1\31\127\200/\\"})
    print(sjson.encode{null=1, "x"}, sjson.encode({"x", a="x"}, {null="x"}), sjson.encode({1}, {depth=1}), sjson.encode({{{1}}}, {depth=1}))
    try(sjson.encode) try(sjson.encode, "x") try(sjson.encode, {}, 5) try(sjson.decode) try(sjson.decode, {}) try(sjson.encoder, 1)
    local e = sjson.encoder({("x"):rep(2000)}) print(#e:read(), #e:read(-5), #e:read(0), #e:read(5000), e:read(), e:read(7))
    try(sjson.decode, '"x"') try(sjson.decode, "x") try(sjson.decode, '["\\q"]') try(sjson.decode, '[nul]') 
    print(sjson.decode("[1e400]")[1], sjson.decode("  [ 1 , 2 ] tail")[2], sjson.decode('{"a":null,"b":[null,2]}', {}).a, #sjson.decode('[null,2]', {null=0}), type(sjson.decode('[null]')[1]))
    print(sjson.decode('["\\b\\f\\n\\r\\t\\/\\"\\\\\\u0041\\u00e9\\u20ac"]')[1])
    local log = {}
    local mt = {__newindex=function(t,k,v) log[#log+1]=tostring(k) rawset(t,k,v) end}
    sjson.decode('{"a":[1,2],"b":{"c":1}}', {metatable=mt}) print(table.concat(log, " "))
end

-- What an object costs: the firmware's sizes and the header of a userdata.
local function cost(make)
    node.egc.setmode(node.egc.NOT_ACTIVE)
    make() -- what stays for good
    collectgarbage() collectgarbage()
    local before, kept = collectgarbage("count"), make()
    collectgarbage() collectgarbage()
    local bytes = (collectgarbage("count") - before) * 1024
    node.egc.setmode(node.egc.ALWAYS, 4096)
    return bytes, type(kept)
end

local list = {}
print(cost(function() return sjson.decoder() end))
print(cost(function() return sjson.encoder(list) end) - 288 <= 16)
