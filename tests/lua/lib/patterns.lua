-- Patterns: find, match, gmatch, gsub; every class, item and quantifier; malformed patterns.
local function quote(v)
    return type(v) == "string" and string.format("%q", v) or tostring(v)
end
local function show(...)
    local t = {}
    for i = 1, select("#", ...) do t[i] = quote((select(i, ...))) end
    print(table.concat(t, " "))
end
local function try(f, ...) show(pcall(f, ...)) end

print("-- find, plain and with patterns")
show(("hello"):find("l"), ("hello"):find("xyz"), ("hello"):find(""), (""):find(""))
show(("hello"):find("l", 4), ("hello"):find("l", -1), ("hello"):find("", 10), ("hello"):find("", 6))
show(("a.b"):find(".", 1, true), ("a.b"):find("%.", 1), ("a+b"):find("+", 1, true))
show(("a\0b"):find("\0"), ("a\0b"):find("b"), ("a\0b"):find("%z"), ("abc\0abc"):find("abc", 2))
show(("aaab"):find("aab"), ("aaab"):find("aab", 1, true), ("abcabd"):find("abd", 1, true))
show(("hello world"):find("(o)(.)"), ("hello"):find("()ll()"), ("hello"):find("l+"), ("x"):find("x", -10))
show(("hello"):find("h", 1, false), ("hello"):find("h", 2, true), ("h"):find("h", 2), ("h"):find("", 3))
show(("abc"):find("b", nil, true), ("ab"):find("ab\0c"), ("ab.\0c"):find(".\0c"))
show(("x"):rep(600):find("xy", 1, true), (("x"):rep(600) .. "y"):find("xy", 1, true))

print("-- every class on every character")
for _, c in ipairs { "a", "c", "d", "l", "p", "s", "u", "w", "x", "z" } do
    local n, m, sum = 0, 0, 0
    for i = 0, 255 do
        local ch = string.char(i)
        if ch:match("%" .. c) then n, sum = n + 1, sum + i end
        if ch:match("%" .. c:upper()) then m = m + 1 end
        assert((ch:match("[%" .. c .. "]") ~= nil) == (ch:match("%" .. c) ~= nil))
        assert((ch:match("[^%" .. c .. "]") ~= nil) == (ch:match("%" .. c:upper()) ~= nil))
    end
    print(c, n, m, sum)
end

print("-- sets")
show(("x]y"):match("[]]"), ("x]y"):match("[^]]+"), ("a-b"):match("[a-]+"), ("a-b"):match("[-a]+"))
show(("b^a"):match("[b^]+"), ("b^a"):match("[^^]+"), ("\128\200\255"):match("[\128-\200]+"), ("k"):match("[a-f%dk]"))
show(("a%b"):match("[%%]"), ("a.b"):match("[.]"), ("ab"):match("[b-a]"), ("-"):match("[%a-z]"), ("z"):match("[%a-z]"))
show(("%d"):match("[%%d]+"), ("0x1F"):match("^0[xX](%x+)$"), ("a]"):match("[%]]"), ("a-z"):match("[a%-z]+"))

print("-- quantifiers")
for _, p in ipairs { "a*", "a+", "a-", "a?", "a*b", "a+b", "a-b", "a?b", "^a*$", "^a-$", "^a?a?a?$", "ba*", "ba-$" } do
    for _, s in ipairs { "", "a", "aaa", "b", "aab", "baa" } do
        show(p, s, s:find(p))
    end
end
show(("aaa"):match("^(a-)(a*)$"), ("aaa"):match("^(a*)(a-)$"), ("key = value"):match("^(%w+)%s*=%s*(%w+)$"))
show(("  trim  "):match("^%s*(.-)%s*$"), ("/a/b/c"):match("([^/]*)$"), ("x=1,y=2"):match("y=(%d)"))

print("-- captures")
show(("abc"):match("((a)(b))(c)"), ("abc"):match("()a()b()c()"), ("abab"):match("(ab)%1"), ("abcb"):match("(b)c%1"))
show(("\"it's\""):match("([\"'])(.-)%1"), ("aa"):match("(.)%1"), ("ab"):match("(.)%1"), (""):match("()"), (""):match("(.*)"))
show(("a"):match("()%1"), ("ab12"):match("(%a*)(%d*)"), ("xyx"):match("^(.).*%1$"))
try(string.match, "a", "(a")
try(string.match, "a", "a)")
try(string.match, "a", "%1")
try(string.match, "a", "(a%1)")
try(string.match, "a", "(a)%2")
try(string.match, "a", "%0")
try(string.match, ("a"):rep(40), ("(a)"):rep(10))
show(#{ ("a"):rep(40):match(("(a)"):rep(10)) })

print("-- balance, frontier")
show(("f(a(b)c)d"):match("%b()"), ("((("):match("%b()"), ("x"):match("%bxx"), ("<<a>b>"):match("%b<>"), ("abba"):match("%bab"))
show(("THE (quick) fox"):find("%f[%a]%a+%f[%A]"), ("aa bb"):gsub("%f[%w]%w+", "<%0>"), ("x"):match("%f[%z]"), (""):find("%f[%z]"))
show(("foo.bar"):find("%f[%.]"), ("[[]] "):match("%b[]"), ("a\0(b\0)c"):match("%b()"))
try(string.find, "a", "%b")
try(string.find, "a", "%bx")
try(string.find, "a", "%f")
try(string.find, "a", "%fa")

print("-- anchors")
show(("hello"):find("^h"), ("hello"):find("^e"), ("hello"):find("o$"), ("hello"):find("l$"), ("a$b"):find("$b"), ("a^b"):find("a^"))
show(("hello"):find("^", 3), ("hello"):find("^l", 3), ("hello"):find("$"), ("^x"):match("%^x"), ("x$"):match("x%$$"), ("aa"):find("^^a"))

print("-- malformed")
for _, p in ipairs { "[", "[a", "[^", "[]", "[^]", "%", "a%", "[%", "[%a", "[a-", "[]a", "(", "()(", ")", "%f[", "(()" } do
    try(string.find, "a", p)
    try(string.gsub, "a", p, "")
end
show(("abc"):find("b\0(("), ("a\0b"):match("a%zb"), ("a("):find("(", 1, true))

print("-- gmatch")
local function collect(s, p)
    local t = {}
    for a, b, c in s:gmatch(p) do
        t[#t + 1] = "<" .. quote(a) .. "," .. quote(b) .. "," .. quote(c) .. ">"
    end
    print(p, table.concat(t, " "))
end
collect("one two  three", "%a+")
collect("k1=v1, k2=v2", "(%w+)=(%w+)")
collect("abc", "")
collect("abc", "()")
collect("a,b,,c", "([^,]*)")
collect("", "")
collect("", "x")
collect("a\0b\0c", "%Z+")
collect("^a^a", "^a")
collect("aXbX", "(.)(X)()")
try(string.gmatch)
try(string.gmatch, "x")
try(string.gmatch, {}, "x")
for w in string.gfind("x y", "%a") do show(w) end
try(function() for _ in ("a"):gmatch("(") do end end)
local iterator = ("a"):gmatch("a")
show(iterator(), iterator(), iterator())

print("-- gsub")
show(("hello"):gsub("l", "L"), ("hello"):gsub("", "-"), ("hello"):gsub("l", "L", 1), ("hello"):gsub("l", "L", 0), ("hello"):gsub("x", "y"))
show(("hello world"):gsub("(%w+) (%w+)", "%2 %1"), ("abc"):gsub("%w", "%0%0"), ("abc"):gsub("%w", "%%%0"), ("a b"):gsub("%w", "%1"))
show(("abc"):gsub("^a", "x"), ("aaa"):gsub("^a", "x"), ("abc"):gsub("c$", "x"), ("abc"):gsub("b*", "-"), ("a.b"):gsub("%.", "%%"))
show(("abc"):gsub("b", "%"), ("abc"):gsub("b", "\0"), ("a\0c"):gsub("%z", "[%0]"), ("abc"):gsub("b", 7), ("abc"):gsub("b", "%x"))
show(("$name is $age"):gsub("%$(%w+)", { name = "Bob", age = 42 }), ("$x $y"):gsub("%$(%w+)", { x = false }), ("ab"):gsub(".", { a = 1 }))
show(("abc"):gsub("%w", function(c) return c:upper() .. "." end), ("abc"):gsub("%w", function() end), ("abc"):gsub("%w", function(c) return c ~= "b" and c .. c end))
show(("a1b2"):gsub("(%a)(%d)", function(a, d) return d .. a end), ("abc"):gsub("()", function(p) return p end), ("x"):gsub("x", function() return 5 end))
show(("abc"):gsub("(b)()", "%2%1"), ("hello"):gsub("(l)(l)", "%2-%1-%0"), ("  x "):gsub("^%s+", ""), ("x"):rep(1000):gsub("x", "yz"):sub(1, 5))
show(select("#", ("x"):gsub("x", "y")), ("x"):gsub("x", "y", -1), ("xx"):gsub("x", "y", 1.9), (("ab"):rep(500):gsub("a", "")):len())
show(("abc"):gsub(".", setmetatable({}, { __index = function(_, k) return k .. "!" end })))
try(string.gsub, "x", "x", {})
try(string.gsub, "x", "x", function() return {} end)
try(string.gsub, "x", "x", function() return true end)
try(string.gsub, "x", "x", { x = print })
try(string.gsub, "x", "x", "%2")
try(string.gsub, "x", "(x)", "%2")
try(string.gsub, "x", "x")
try(string.gsub, "x", "x", nil)
try(string.gsub, "x", "x", true)
try(string.gsub)
try(string.gsub, "x")
try(string.gsub, "x", "x", "y", "z")
try(string.gsub, "x", "x", function() error("from inside", 0) end)
try(string.gsub, "x", "x", function() error({}) end == nil)
show(pcall(string.gsub, "abc", "(a)(b)(c)", "%3%2%1%4"))
show(pcall(function() return ("x"):gsub("x") end))

print("-- long subjects")
local long = ("word "):rep(2000)
show(select(2, long:gsub("%a+", "")), #long:gsub("%s+", ""), long:find("x"), (long .. "x"):find("x"))
show(#long:match(".*"), #long:match(".-$"), long:match("(%w+)%s*$"), select(2, long:gsub(".", "%0%0")))
local count = 0
for w in long:gmatch("%a+") do count = count + #w end
show(count)
show((("a"):rep(2000) .. "b"):find(".-b"), (("a"):rep(300)):match(("a?"):rep(20) .. ("a"):rep(20)) ~= nil)

print("-- old uses")
show(string.find("key=val", "(%w+)=(%w+)"))
local t = {}
string.gsub("a b c", "%a", function(x) t[#t + 1] = x end)
show(unpack(t))
