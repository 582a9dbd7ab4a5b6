-- A chunk that is larger than the heap is loaded into flash piece by piece.
print((loadfile "large.lc"))
local f, why = freezer.load "large.lc"
local functions = f()
local sum = 0
for i = 1, #functions do
    local n, text = functions[i](i)
    sum = sum + n
    assert(text == ("%dtext number %d"):format(i, i), text)
end
print(#functions, sum, why, freezer.isfrozen(f), freezer.isfrozen(functions[7]), freezer.verify())
print(freezer.load "nowhere.lua")
print(pcall(freezer.load "from-source.lua"))
print(select(2, pcall(functions[3])))
