-- constant field names: records read and written
local points = {}
for i = 1, 1000 do points[i] = {x = i, y = i * 2, z = 0, name = "p"} end
for k = 1, 400 do
  for i = 1, #points do
    local p = points[i]
    p.z = p.x * 0.5 + p.y - p.z
    p.x = p.x + 1
  end
end
local s = 0
for i = 1, #points do s = s + points[i].z end
print(s)
