-- string.format: flags, widths, precisions, every conversion, limits and errors.
local function show(...)
    local t = {}
    for i = 1, select("#", ...) do
        local v = select(i, ...)
        t[i] = type(v) == "string" and "<" .. v:gsub("%z", "\\0") .. ">" or tostring(v)
    end
    print(table.concat(t, " "))
end
local f = string.format
local function try(...) show(pcall(f, ...)) end

print("-- whole numbers")
for _, spec in ipairs { "%d", "%i", "%5d", "%-5d|", "%05d", "%+d", "% d", "%.3d", "%8.3d", "%-8.3d|", "%x", "%X", "%#x", "%o", "%#o", "%u", "%08x", "%c" } do
    local t = {}
    for _, v in ipairs { 0, 1, 42, 255, 65535, 99999 } do t[#t + 1] = f(spec, v) end
    show(spec, unpack(t))
end
for _, spec in ipairs { "%d", "%5d", "%05d", "%+d", "%.3d", "%i" } do
    show(spec, f(spec, -1), f(spec, -42), f(spec, -99999), f(spec, 3.99), f(spec, -3.99))
end
show(f("%d", "10"), f("%d", " 0x10 "), f("%x", "255"), f("%c%c%c", 72, 105, 33), f("[%c]", 0), f("%5c|%-3c|", 65, 66))
show(f("%d", 2147483647), f("%d", -2147483648), f("%x", 4294967295), f("%u", 4294967295), f("%o", 2 ^ 31))

print("-- floating point")
for _, spec in ipairs { "%f", "%.2f", "%10.3f", "%-10.1f|", "%+.1f", "%e", "%.3e", "%E", "%g", "%.3g", "%G", "%#g", "%.0f", "%#.0f", "%010.2f", "% f", "%.14g", "%.17g", "%a5" } do
    local t = {}
    for _, v in ipairs { 0, 1, -1, 1.5, 3.14159, 1e10, 1e-10, 123456789.125, 1e100, -0.0001 } do
        local ok, s = pcall(f, spec, v)
        t[#t + 1] = s
    end
    show(spec, unpack(t))
end
show(f("%f", 1 / 0), f("%f", -1 / 0), f("%5.1f", 1 / 0), f("%g", 1 / 0), f("%.3f", 2 / 3), f("%5.2f|%-8.3e|", 1.005, 12345.678))
show(#f("%99.20f", 1), #f("%.99f", 1 / 3), #f("%50.50f", 1 / 3))

print("-- text")
show(f("%s", "abc"), f("%10s", "abc"), f("%-10s|", "abc"), f("%.2s", "abc"), f("%5.1s", "abc"), f("%s %s", 1, 2.5), f("%s", ""))
show(f("%s", "a\0b"), f("%.3s", "a\0b"), f("%s", ("x"):rep(99) .. "\0y"), f("%s", ("x"):rep(98) .. "\0y"), f("%5s", "\0"))
show(#f("%s", ("x"):rep(100)), #f("%s", ("x"):rep(5000)), #f("%.20s", ("x"):rep(5000)), #f("%-50s|", ("x"):rep(99)), #f("%20s", ("x"):rep(500)))
show(f("%q", "plain"), f("%q", 'quote " backslash \\ newline \n return \r zero \0 end'), f("%q", 12), f("%q", ""), f("%q", "\1\127\128\255"))
show(f("%5q", "x"), f("%q", "\0001\0a"), f("%q", "\r\n"))
show(#f("%q", ("\n"):rep(1000)), loadstring("return " .. f("%q", "a\n\\\"\r\0b"))() == "a\n\\\"\r\0b")

print("-- the rest")
show(f(""), f("%%"), f("a%%b%%"), f("100%%"), f("a\0b"), f("\0%d\0", 5), f("%d", 5, 6, 7), f("%%d"), f(12), f("%%%s%%", "x"))
show(f("%5s%%|%-5d|", "a", 1), f("%1$d" and "%d", 1), f("no items", 1, nil, {}))
show(f("%-+ #0d", 5), f("%+-5d|", 5), f("% 5d|", 5), f("%#5x|", 255), f("%0-5d|", 7))

print("-- errors")
try()
try(nil)
try({})
try("%d")
try("%d %d", 1)
try("%d", "x")
try("%d", nil)
try("%d", {})
try("%s")
try("%s", nil)
try("%s", {})
try("%s", true)
try("%q", true)
try("%q")
try("%c", "x")
try("%f", "y")
try("%g", {})
try("%y", 1)
try("%", 1)
try("%5", 1)
try("%-", 1)
try("%.", 1)
try("%p", {})
try("%n", 1)
try("%ld", 1)
try("%100d", 1)
try("%.100d", 1)
try("%123.5d", 1)
try("%5.123d", 1)
try("%------d", 1)
try("%+ #0-+d", 1)
try("%*d", 1, 2)
try("%\0", 1)
show(pcall(function() return ("%d"):format("x") end))
show(pcall(function() return ("%d"):format() end))
show(pcall(function() return string.format("%d", print) end))
