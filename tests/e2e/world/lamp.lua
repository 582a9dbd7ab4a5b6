-- A lamp that is on while a button is pressed.
local BUTTON, LAMP = 3, 4
gpio.mode(LAMP, gpio.OUTPUT)
gpio.write(LAMP, 0)
gpio.mode(BUTTON, gpio.INT, gpio.PULLUP)
gpio.trig(BUTTON, "both", function(level)
    gpio.write(LAMP, level == 0 and 1 or 0)
    print("light " .. adc.read(0))
end)
print(("chip %06x light %d"):format(node.chipid(), adc.read(0)))
