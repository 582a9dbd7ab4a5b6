local m = {}
m.__index = function(t, k) return k end
m.__newindex = function(t, k, v) rawset(t, k, v) end
m.__add = function(a, b) return 1 end
m.__concat = function(a, b) return "c" end
m.__eq = function() return true end
m.__lt = function() return false end
m.__call = function(self, x) return x end
m.__gc = function() end
m.__mode = "k"
local a, b = setmetatable({}, m), setmetatable({}, m)
a.x = a.y + b
return a .. b, a == b, a < b, a <= b, a(1), newproxy(true)
