local t = { 1, 2, 3, x = 1, ["y z"] = 2, [10] = 3, { { } } }
t[#t + 1] = t
t.x, t[1] = nil, t.x
table.sort(t, function(a, b) return tostring(a) < tostring(b) end)
table.insert(t, 1, 5) table.remove(t)
function t.f(a) return t end
function t:m(b) return self, b end
return t:m(t.f(1)), unpack { 1, 2, 3 }
