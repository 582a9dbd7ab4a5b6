local a, b = 7, 2
local t = { a + b, a - b, a * b, a / b, a % b, a ^ b, -a, a == b, a < b, a <= b, not a }
return #t, a and b or t, 5 + a, a - 5, 2 * b
