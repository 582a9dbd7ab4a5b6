-- What a reader of chunks, an option of module and a default file may be.
print(type(select(2, load(function() error({}) end))))
print(load(function() error(nil) end))
print(load(function() error("at once", 0) end))
print(pcall(loadstring("module('counted', 5)")))
local called
local option = setmetatable({}, {__call = function(self, m) called = m._NAME end})
loadstring("local option = ... module('called', option)")(option)
print(called)
io.input(arg[0])
io.close(io.input())
print(pcall(io.lines))
print(pcall(io.read))
