-- The module adc where nobody is there: the input is in the middle. After the first boot the mode is
-- another one. Facts on the firmware's modules.
-- Both builds.
local function why(f, ...) print((select(2, pcall(f, ...)))) end

local _, reason = node.bootreason()
if reason ~= 4 then
    print("-- constants and wrong uses")
    print(adc.INIT_ADC, adc.INIT_VDD33)
    print(pcall(function() adc.read(1) end))
    why(adc.read)
    why(adc.read, -1)
    why(adc.force_init_mode, 1)
    why(adc.force_init_mode)
    print("-- the input")
    print(adc.read(0), adc.readvdd33(), adc.readvdd33(0))
    print(adc.force_init_mode(adc.INIT_ADC), adc.force_init_mode(adc.INIT_VDD33), adc.force_init_mode(adc.INIT_VDD33))
    print(adc.read(0), adc.readvdd33())
    local read, readvdd33 = adc.read, adc.readvdd33
    collectgarbage() collectgarbage()
    local meminfo = node.egc.meminfo
    local before = meminfo()
    read(0) readvdd33()
    print((meminfo()) - before)
    node.restart()
else
    print("-- the supply voltage")
    print(adc.read(0), adc.readvdd33(), adc.force_init_mode(adc.INIT_VDD33), adc.force_init_mode(adc.INIT_ADC))
end
