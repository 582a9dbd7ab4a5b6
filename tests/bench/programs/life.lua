-- cells: nested arrays, conditionals, string output
local W, H = 60, 40
local function grid() local g = {} for y = 1, H do local r = {} for x = 1, W do r[x] = 0 end g[y] = r end return g end
local g = grid()
local seed = 12345
for y = 1, H do for x = 1, W do seed = (seed * 69069 + 1) % 4294967296 if seed % 3 == 0 then g[y][x] = 1 end end end
for k = 1, 60 do
  local n = grid()
  for y = 1, H do
    local up, row, down = g[(y - 2) % H + 1], g[y], g[y % H + 1]
    for x = 1, W do
      local l, r = (x - 2) % W + 1, x % W + 1
      local c = up[l] + up[x] + up[r] + row[l] + row[r] + down[l] + down[x] + down[r]
      if c == 3 or (c == 2 and row[x] == 1) then n[y][x] = 1 end
    end
  end
  g = n
end
local out = {}
for y = 1, H do out[y] = table.concat(g[y]) end
local live = select(2, table.concat(out):gsub("1", ""))
print(live)
