-- words.lua: in the image; what it names stands in flash.
local known = {glacier = "ice", river = "water", firn = "old snow"}
function require_words()
  local copy = {}
  for name, what in pairs(known) do copy[name] = what:gsub("%s", "_") end
  return copy
end
