-- method calls through a class and its base
local Base = {} Base.__index = Base
function Base.new(v) return setmetatable({value = v}, Base) end
function Base:get() return self.value end
function Base:add(n) self.value = self.value + n return self end
local Derived = setmetatable({}, {__index = Base}) Derived.__index = Derived
function Derived.new(v) return setmetatable({value = v}, Derived) end
function Derived:twice() return self:get() * 2 end
local o, d, s = Base.new(1), Derived.new(2), 0
for i = 1, 500000 do
  o:add(1)
  d:add(2)
  s = s + o:get() + d:twice()
end
print(s)
