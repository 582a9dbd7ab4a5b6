local function f(...) return select("#", ...), ... end
local function g(a, b, ...) return f(a, ...) end
return function() local x, y = g(1, 2, 3, 4) return f(g(f(x, y))) end
