-- pixbuf and color_utils: buffers of pixels, and what is refused with which words.
-- Both builds.

local function try(...) local r = {pcall(...)} for i=1,#r do r[i]=tostring(r[i]) end print(table.concat(r, " ")) end
local b = pixbuf.newBuffer(3, 3)
print(b, b:size(), b:channels(), #b:dump(), pixbuf.FADE_IN, pixbuf.FADE_OUT, pixbuf.SHIFT_LOGICAL, pixbuf.SHIFT_CIRCULAR)
print(b:set(1, 1, 2, 3):set(2, {9, 8, 7}):set(3, "abc"), b:get(2))
print(b:sub(1, 2), b:sub(-1), b:sub(3, 2), b:sub(1, 2) .. b:sub(1, 1), b == pixbuf.newBuffer(3, 3), b == b:sub(1))
b:replace("XYZ", 2) print(b) b:replace(pixbuf.newBuffer(1, 3):fill(5, 6, 7), -1) print(b)
local f = pixbuf.newBuffer(2, 2):fill(100, 50) f:fade(2) print(f) f:fade(4, pixbuf.FADE_IN) print(f)
local i = pixbuf.newBuffer(3, 4):fill(16, 1, 2, 3) i:fadeI(2) print(i, i:power(), i:powerI()) i:fadeI(4, pixbuf.FADE_IN) print(i)
local function strip(n, c) local s = pixbuf.newBuffer(n, c or 1) for k = 1, n do s:set(k, string.rep(string.char(k), c or 1)) end return s end
local s = strip(5) s:shift(1) print(s) s:shift(-2) print(s)
s = strip(5) s:shift(2, pixbuf.SHIFT_CIRCULAR) print(s) s:shift(-2, pixbuf.SHIFT_CIRCULAR) print(s)
s = strip(5) s:shift(1, pixbuf.SHIFT_CIRCULAR, 2, 4) print(s) s:shift(-1, pixbuf.SHIFT_LOGICAL, -2) print(s)
s = strip(40) s:shift(35, pixbuf.SHIFT_CIRCULAR) print(s:get(1), s:get(5), s:get(6), s:get(35), s:get(36), s:get(40))
local m = pixbuf.newBuffer(2, 2) print(m:mix(128, pixbuf.newBuffer(2, 2):fill(100, 255), 256, pixbuf.newBuffer(2, 2):fill(1, 200)))
print(m:mix(-256, pixbuf.newBuffer(2, 2):fill(7, 0)), m:mix())
print(pixbuf.newBuffer(2, 4):mix4I5(256, pixbuf.newBuffer(2, 4):fill(31, 255, 128, 0)):set(1, 0, 0, 0, 0))
local out = pixbuf.newBuffer(2, 1)
print(out:map(function(a, c) return a + c end, strip(4, 2), 2, 3), out:map(function(a, x) return a * x end, nil, nil, nil, strip(3), 2))
try(pixbuf.newBuffer, 0, 1) try(pixbuf.newBuffer, 1, -1) try(pixbuf.newBuffer, 8193, 1) try(pixbuf.newBuffer, 1, 33) try(pixbuf.newBuffer)
try(b.get, b, 0) try(b.get, b, 4) try(b.set, b, 1, "abcd") try(b.set, b, 3, "abcdef") try(b.set, b, 1, 1, 2, 3, 4) try(b.set, b, 1, 1, 2)
try(b.fill, b, 1) try(b.replace, b, "abcdef", 3) try(b.replace, b, pixbuf.newBuffer(1, 4)) try(function() return b .. pixbuf.newBuffer(1, 4) end)
try(b.fade, b, 0) try(b.shift, b, 4) try(b.shift, b, 2, 0, 2, 2) try(b.shift, b, 1, 7) try(b.shift, b, 1, 0, 3, 2)
try(b.mix, b, 1, pixbuf.newBuffer(1, 3)) try(b.mix4I5, b, 1, b) try(b.map, b, print, nil, 1, 2) try(b.map, b, print, nil, 2, 2) try(b.size, {}) try(b.map, b, print, nil, nil, nil, strip(2, 3))
print(color_utils.hsv2grb(120, 255, 255)) print(color_utils.colorWheel(0)) print(color_utils.colorWheel(360)) print(color_utils.hsv2grb(210, 100, 200))
print(color_utils.hsv2grbw(30, 128, 255)) print(color_utils.grb2hsv(255, 0, 0)) print(color_utils.grb2hsv(10, 200, 60)) print(color_utils.grb2hsv(10, 60, 200))
try(color_utils.hsv2grb, 361, 0, 0) try(color_utils.hsv2grb, 0, 256, 0) try(color_utils.hsv2grbw, 0, 0, -1) try(color_utils.colorWheel, -1) try(color_utils.grb2hsv, 7, 7, 7)
