local s = 0
for i = 10, 1, -3 do s = s + i end
for k, v in pairs { 1, 2, x = 3 } do s = s + v end
for k, v in ipairs { 4, 5 } do s = s + k * v end
while s > 0 do s = s - 7 if s == 3 then break end end
repeat s = s + 1 local q = s until q > 5
return s
