-- sign.lua: makes the manifest that ota.lua reads, on the computer that has the key:
--   frost run --fs DIR sign.lua
-- DIR has ota.key, manifest.txt with the lines "version N", "core FILE", "devs FILE" or "devs none",
-- and the files; the result is DIR/manifest.

local lines = {}
for line in file.getcontents("manifest.txt"):gmatch "[^\n]+" do
    local kind, name = line:match "^(%a+) (%S+)$"
    if kind ~= "version" and line ~= "devs none" then
        local bytes = assert(file.stat(name), name .. " is not there").size
        line = ("%s %s %d %s"):format(kind, name, bytes, encoder.toHex(crypto.fhash("sha256", name)))
    end
    lines[#lines + 1] = line .. "\n"
end
local body = table.concat(lines)
local sum = encoder.toHex(crypto.hmac("sha256", body, file.getcontents "ota.key"))
file.putcontents("manifest", body .. "hmac " .. sum .. "\n")
print(body .. "hmac " .. sum)
