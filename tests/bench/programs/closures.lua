-- closures made, called and dropped; shared upvalues
local function counter(step)
  local n = 0
  return function() n = n + step return n end, function() return n end
end
local sum = 0
for i = 1, 60000 do
  local add, get = counter(i % 7)
  add() add() add()
  sum = sum + get()
end
local function compose(f, g) return function(x) return f(g(x)) end end
local f = function(x) return x + 1 end
for i = 1, 60 do f = compose(f, function(x) return x + i end) end
for i = 1, 3000 do sum = sum + f(i) end
print(sum)
