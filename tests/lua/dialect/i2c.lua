-- The module i2c on a bus without devices. Facts on the firmware's modules, section 10; with devices:
-- tests/e2e/i2c.sh.
-- Both builds.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
print(i2c.SLOW, i2c.FAST, i2c.FASTPLUS, i2c.TRANSMITTER, i2c.RECEIVER)
local names = {}
for name in pairs(i2c) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
for _, name in ipairs{"start", "stop", "read", "write", "address"} do why(i2c[name], 0, 1, 1) end
why(i2c.setup)
why(i2c.setup, 1, 2, 1, i2c.SLOW)
why(i2c.setup, 0, 13, 1, i2c.SLOW)
why(i2c.setup, 0, 0, 1, i2c.SLOW)
why(i2c.setup, 0, 2, 1, 0)
why(i2c.setup, 0, 2, 1)
print(i2c.setup(0, 2, 1, i2c.SLOW), i2c.setup(0, 2, 1, 400000), i2c.setup(0, 1, 2, 5))
print(select("#", i2c.start(0)), i2c.address(0, 0, i2c.TRANSMITTER), i2c.address(0, 127, i2c.RECEIVER))
print(i2c.write(0, 1, 2, 3), i2c.write(0, "text"), i2c.write(0, {1, 2}), i2c.read(0, 2):byte(1, -1))
print(select("#", i2c.read(0, 0)), select("#", i2c.stop(0)))
why(i2c.address, 0, 128, 0)
why(i2c.address, 0, -1, 0)
why(i2c.write, 0)
why(i2c.write, 0, 256)
why(i2c.write, 0, {{}})
why(i2c.write, 0, {300})
why(i2c.write, 0, true)
why(i2c.read, 0)
