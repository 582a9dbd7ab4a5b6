-- math of the firmware's float build: a small set, and one sequence of random numbers after a seed.
local names = {}
for name in pairs(math) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
print(math.pi, math.huge, math.sqrt(2), math.pow(2, 10), math.floor(-2.5), math.ceil(-2.5), math.abs(-2.5))
math.randomseed(1)
local first = {}
for i = 1, 8 do first[i] = math.random(1000) end
math.randomseed(1)
for i = 1, 8 do assert(math.random(1000) == first[i]) end
math.randomseed(2)
local same = 0
for i = 1, 8 do if math.random(1000) == first[i] then same = same + 1 end end
print(same < 4, math.random() < 1, math.random(3, 3))
local counts = { 0, 0, 0, 0, 0, 0 }
for i = 1, 6000 do
    local r = math.random(6)
    counts[r] = counts[r] + 1
end
for i = 1, 6 do print(i, counts[i] > 850 and counts[i] < 1150) end
print(0 / 0 ~= 0 / 0, 1 / 0, -1 / 0, 5 % 0 ~= 5 % 0, 2 ^ 0.5, 1e15, 1e14)
