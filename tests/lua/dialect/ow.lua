-- The module ow on a line without devices, and its sums. Facts on the firmware's modules, section 11;
-- with devices: tests/e2e/ow.sh.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local names = {}
for name in pairs(ow) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
why(ow.setup, 0)
why(ow.setup, 13)
for _, name in ipairs{"reset", "skip", "read", "depower", "reset_search", "search"} do why(ow[name], 0) end
print(select("#", ow.setup(3)), ow.reset(3), ow.read(3), select("#", ow.skip(3)))
print(ow.read_bytes(3, 2):byte(1, -1))
print(select("#", ow.read_bytes(3, 0)), ow.search(3), select("#", ow.reset_search(3)))
print(select("#", ow.write(3, 255)), select("#", ow.write(3, 0x44, 1)), select("#", ow.depower(3)))
why(ow.write, 3, 256)
why(ow.write, 3)
why(ow.select, 3, "short")
why(ow.select, 3, {1, 2})
print(select("#", ow.select(3, ("\0"):rep(8))), select("#", ow.select(3, {1, 2, 3, 4, 5, 6, 7, 8})))
print(select("#", ow.target_search(3, 0x28)), select("#", ow.write_bytes(3, "abc")), select("#", ow.write_bytes(3, "", 1)))
print(ow.crc8("\40\255\100\30\128\22\4"), ow.crc8(""), ow.crc8("123456789"))
print(ow.crc16("123456789"), ow.crc16("123456789", 255), ow.crc16(""))
local sum = 65535 - ow.crc16("abc")
print(ow.check_crc16("abc", sum % 256, (sum - sum % 256) / 256), ow.check_crc16("abc", 0, 0))
print(select("#", ow.set_timings(nil, nil, nil, nil, nil, nil, nil, nil, nil, nil)))
