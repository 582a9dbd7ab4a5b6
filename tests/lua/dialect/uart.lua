-- The module uart where nothing arrives: constants, wrong uses, settings, writing, the reader's
-- reference. What arrives: tests/unit/core_console_test.c. Facts on the firmware's modules.
-- Both builds.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local function live()
    local count = 0
    for key, value in pairs(debug.getregistry()) do
        if type(key) == "number" and key > 0 and type(value) ~= "number" then count = count + 1 end
    end
    return count
end
local function nothing() end

print("-- constants")
print(uart.STOPBITS_1, uart.STOPBITS_2, uart.STOPBITS_1_5, uart.PARITY_NONE, uart.PARITY_EVEN, uart.PARITY_ODD, uart.DIR_RX, uart.DIR_TX)

print("-- wrong uses")
print(pcall(function() uart.setup(2, 9600, 8, 0, 1) end))
why(uart.setup, -1, 9600, 8, 0, 1)
why(uart.setup, 0, 9600, 8, 0)
why(uart.setup, 0, 9600, 8)
why(uart.setup, 0, 9600)
why(uart.setup, 0)
why(uart.setup)
why(uart.getconfig)
why(uart.getconfig, 2)
why(uart.write)
why(uart.write, 2, "x")
why(uart.write, 0, 256)
why(uart.write, 0, -1)
why(uart.write, 0, "", true)
why(uart.write, 0, nil)
why(uart.on)
why(uart.on, "sent", nothing)
why(uart.on, "data", 256, nothing)
why(uart.on, "data", -1, nothing)
why(uart.on, "data", "", nothing)
why(uart.on, "data", "\r\n", nothing)
print(pcall(function() uart.on("x") end))
why(uart.alt)
why(uart.fifodepth, 2)

print("-- settings")
print(uart.getconfig(0))
print(uart.getconfig(1))
for _, baud in ipairs {300, 600, 1200, 2400, 4800, 9600, 19200, 31250, 38400, 57600, 74880, 115200, 230400, 256000, 460800,
    921600, 1843200, 3686400} do
    if uart.setup(1, baud, 8, 0, 1) ~= baud or uart.getconfig(1) ~= baud then print("not", baud) end
end
for _, baud in ipairs {0, 1, 14400, 115201, -5} do print(uart.setup(1, baud, 8, 0, 1), (uart.getconfig(1))) end
for bits = 4, 9 do uart.setup(1, 9600, bits, 0, 1) print(bits, select(2, uart.getconfig(1))) end
for parity = -1, 3 do uart.setup(1, 9600, 7, parity, 1) print(parity, uart.getconfig(1)) end
for stop = 0, 4 do uart.setup(1, 9600, 7, 1, stop) print(stop, uart.getconfig(1)) end
print(uart.getconfig(0))
print(uart.setup(0, 74880, 5, uart.PARITY_ODD, uart.STOPBITS_2, 1), uart.getconfig(0))

print("-- writing")
print(select("#", uart.write(0)), select("#", uart.write(0, "text ", 65, 66, " ", 0 + 67, "\r\n", "12", 10)))
print(select("#", uart.write(1, "nobody", 10)), select("#", uart.alt(1)), uart.fifodepth(), uart.fifodepth(0, uart.DIR_TX), uart.fifodepth(1, uart.DIR_RX))

print("-- one reference for a reader")
local base = live()
local function references(...) print(live() - base, ...) end
references(select("#", uart.on("data", nothing)))
references(uart.on("data", 5, nothing, 0))
references(uart.on("data", "\r", print))
references(pcall(uart.on, "data", 256, nothing))
references(uart.on("data"))
references(uart.on("data", 0, nothing, 1), uart.on("data", 5))
references(uart.on("data", nothing), uart.on("data", nil))
references(uart.on("data", nothing), uart.on("data", "c", 5))
uart.on("data")

print("-- the heap")
local on, write, setup, getconfig, meminfo = uart.on, uart.write, uart.setup, uart.getconfig, node.egc.meminfo
collectgarbage() collectgarbage()
local before = meminfo()
on("data", nothing) on("data") write(1, "x", 5) setup(1, 9600, 8, 0, 1) getconfig(1)
print((meminfo()) - before)
