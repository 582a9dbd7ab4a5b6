x = 1
function y(a) x = x + a z = nil return x end
y(2) y(x)
local dump, load = string.dump, loadstring
setfenv(1, { y = y })
return load(dump(y))
