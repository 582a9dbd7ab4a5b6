local n = 0
local function counter() local m = n return function(k) m = m + k n = n + 1 return m end end
local a, b = counter(), counter()
a(1) b(2)
for i = 1, 3 do local j = i a = function() j = j + 1 return j end a() end
return a
