-- Manual 2.1: names, strings, long brackets, numbers, comments, line ends.

-- Names: letters, digits, underscores; words that other Luas reserve are ordinary here.
local _, _a1, A, a, goto, continue = 1, 2, 3, 4, 5, 6
print(_, _a1, A, a, goto, continue)
local very_long_name_that_goes_on_and_on_and_on_and_on_and_on_and_on_1 = "first"
local very_long_name_that_goes_on_and_on_and_on_and_on_and_on_and_on_2 = "second"
print(very_long_name_that_goes_on_and_on_and_on_and_on_and_on_and_on_1,
    very_long_name_that_goes_on_and_on_and_on_and_on_and_on_and_on_2)

-- Escapes.
print("a\tb\\c\"d'e" .. 'f"g\'h', #"\a\b\f\n\r\t\v")
print(("\a\b\f\n\r\t\v\\"):byte(1, -1))
print("\65\066\0067\10\049", #"\0\00\000", ("\255\0\1"):byte(1, 3))
print("\x41 \q \- \é" == "x41 q - é")
print("one \
two", 'three \
four')

-- Long brackets.
print([[plain]], [[
first line break is dropped]], #[[

]])
print([==[a ]] b ]=] c]==], [=[[[x]]]=], [[]], #[==[]==])
print([[no \n escapes "or" 'quotes']], [[a
b]])
print(#loadstring("return [[\r\nx\r\ny]]")(), loadstring("return [[\r\nx\r\ny]]")() == "x\ny")
print(loadstring("return 'a\\\r\nb'")() == "a\nb", loadstring("return [[\n\r\n\rz]]")() == "\nz")

-- Comments.
print(1 --[[ inside ]] + --[==[ over
two lines ]==] 2) -- to the end
--[[ a comment
print("hidden")
--]]
--[ not long
print("seen") ---[[ still short
print(loadstring("return 1 --[[ x ]] + 1")(), loadstring("return 1 -- x")(),
    loadstring("--")  ~= nil)

-- Numbers.
print(3, 3.0, 3.1416, 314.16e-2, 0.31416E1, 0xff, 0x56, 0xA, 0Xa, .5, 5., 3e2, 1E+2, 2e-2)
print(0x0, 0xFFFFFFFF, 0x7fffffff, 00012, 1e15, 1e14, 123456789012345, 1e100, 1e-5, 0.1)
print(1 .. 2, 1. .. 2, 3 ..4)
print(100000000000000, 1000000000000000, 99999999999999.9, 123456.789e3, 2^53)

-- Separators are optional; line ends of any kind count once.
local x = 1; local y = 2 local z = 3; print(x, y, z) print "next"
local f = loadstring("local a = 1\r\nlocal b = 2\n\rlocal c = 3\rlocal d = 4\nerror('at')")
print(select(2, pcall(f)))
print(loadstring("\239"))
print(loadstring("x = 'abc"))
print(loadstring("x = 'abc\ndef'"))
print(loadstring("x = [[abc"))
print(loadstring("--[[abc"))
print(loadstring("x = [==[abc]]"))
print(loadstring("x = [=abc"))
print(loadstring("x = '\\300'"))
print(loadstring("x = 3x"))
print(loadstring("x = 0xg"))
print(loadstring("x = 1e"))
print(loadstring("x = 1..2"))
print(loadstring("x = 1.2.3"))
print(loadstring("x = @"))
print(loadstring("x = $1"))
print(loadstring("x ~ y"))
print(loadstring("x = !y"))

-- A zero byte in a source is a token of its own, but part of a number or of dots before it.
for _, text in ipairs({"return 2\0", "return 2\0005", "return 1 .\0 2", "return 0x1\0", "x = \0",
    "return ..\0", "local a\0b", "return 3e\0", "return 'a\0b'"}) do
    local f, message = loadstring(text, "=zero")
    print(f and tostring(f()):gsub("%z", "<0>") or message)
end
