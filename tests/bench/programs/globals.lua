-- global variables and library functions by name
total = 0
function add(n) total = total + n end
for i = 1, 800000 do
  add(i)
  if math.floor(i / 2) == i / 2 then total = total - 1 end
end
print(total)
