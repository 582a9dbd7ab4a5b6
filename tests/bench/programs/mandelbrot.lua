-- floating point in locals
local w, h, n = 160, 120, 0
for y = 0, h - 1 do
  local ci = 2 * y / h - 1
  for x = 0, w - 1 do
    local cr, zr, zi, i = 3 * x / w - 2, 0, 0, 0
    while i < 80 and zr * zr + zi * zi < 4 do
      zr, zi = zr * zr - zi * zi + cr, 2 * zr * zi + ci
      i = i + 1
    end
    n = n + i
  end
end
print(n)
