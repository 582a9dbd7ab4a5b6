-- short-lived tables and strings, a living tree
local function tree(d) if d == 0 then return {} end return {tree(d - 1), tree(d - 1)} end
local function check(t) if t[1] then return 1 + check(t[1]) + check(t[2]) end return 1 end
local long, n = tree(13), 0
for i = 1, 40 do n = n + check(tree(10)) end
print(n, check(long))
