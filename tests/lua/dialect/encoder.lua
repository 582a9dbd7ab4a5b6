-- The module encoder: results, wrong input, what it takes. Facts on the firmware's modules.
-- Both builds.
local function why(f, ...) print((select(2, pcall(f, ...)))) end

print("-- base64")
for _, text in ipairs {"", "f", "fo", "foo", "foob", "fooba", "foobar", "\0", "\255\254\253", "\0\16\131"} do
    local code = encoder.toBase64(text)
    print(#code, code, encoder.fromBase64(code) == text)
end
print(encoder.toBase64(12), encoder.fromBase64("Zg=="), encoder.fromBase64("+/+/") == "\251\255\191")
for _, code in ipairs {"Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm9v\n", "Zm9", "Zm-v", "Zm9\0", "=m9v", "Zm9v Zm"} do
    why(encoder.fromBase64, code)
end
why(encoder.toBase64)
why(encoder.toBase64, nil)
why(encoder.fromBase64, {})
print(pcall(function() encoder.fromBase64("x") end))

print("-- hexadecimal")
print(encoder.toHex(""), encoder.toHex("\0\1\15\16\127\128\255"), encoder.toHex("NodeMCU"), encoder.toHex(10))
print(encoder.fromHex(""), encoder.fromHex("4e6f64654D4355"), encoder.fromHex("00ffFF") == "\0\255\255", encoder.fromHex(3031))
for _, code in ipairs {"0", "0g", "g0", "4e ", " 4e6", "4@", "4`", "/0", ":0", "\0000"} do why(encoder.fromHex, code) end
why(encoder.toHex)
why(encoder.fromHex, true)

print("-- all bytes, all lengths")
local all = {}
for i = 0, 255 do all[i + 1] = string.char(i) end
all = table.concat(all)
local wrong = 0
for i = 0, 256 do
    local text = all:sub(1, i)
    if encoder.fromBase64(encoder.toBase64(text)) ~= text or encoder.fromHex(encoder.toHex(text)) ~= text then wrong = wrong + 1 end
end
print(wrong)

print("-- what they take: the result, and as much again while it is made")
local toBase64, toHex, fromBase64, fromHex, meminfo, peak = encoder.toBase64, encoder.toHex, encoder.fromBase64,
    encoder.fromHex, node.egc.meminfo, node.egc.peak
local text, code, hex = ("x"):rep(300), toBase64(("y"):rep(300)), toHex(("z"):rep(300))
local function takes(f, argument)
    collectgarbage() collectgarbage()
    peak()
    local before = meminfo()
    local result = f(argument)
    local after, most = meminfo(), peak()
    print(#result, after - before, most - before)
end
takes(toBase64, text)
takes(fromBase64, code)
takes(toHex, text)
takes(fromHex, hex)
local ok = pcall(fromHex, ("zz"):rep(200))
collectgarbage() collectgarbage()
local before = meminfo()
for i = 1, 20 do pcall(fromHex, "zz") pcall(fromBase64, "!!!!") end
collectgarbage() collectgarbage()
print((meminfo()) - before)
