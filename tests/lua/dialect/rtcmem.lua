-- The module rtcmem: wrong uses, words, and what deep sleep leaves of them and of the time. Three
-- boots; word 100 counts them. Facts on the firmware's modules.
-- Both builds.
local function why(f, ...) print((select(2, pcall(f, ...)))) end
local boots = rtcmem.read32(100)
rtcmem.write32(100, boots + 1)

if boots == 0 then
    print("-- rtcmem: wrong uses")
    why(rtcmem.read32)
    why(rtcmem.read32, "x")
    why(rtcmem.write32)
    why(rtcmem.write32, 128, 1)
    why(rtcmem.write32, 127, 1, 2)
    why(rtcmem.write32, -1, 1)
    print("-- rtcmem: words")
    print(rtcmem.read32(0), rtcmem.read32(127), select("#", rtcmem.read32(128)), select("#", rtcmem.read32(-1)))
    print(select("#", rtcmem.write32(50, 1, -1, 2147483647, -2147483647 - 1, "7", "x", nil)))
    print(rtcmem.read32(50, 7))
    print(rtcmem.read32(50, 0), select("#", rtcmem.read32(50, 0)), select("#", rtcmem.read32(50, -5)))
    print(rtcmem.read32(50), rtcmem.read32(50, "2"), select("#", rtcmem.read32(0, 1000)))
    rtcmem.write32(126, 126, 127) print(rtcmem.read32(126, 5))
    print(select("#", rtcmem.write32(128)), select("#", rtcmem.write32(50)))
    rtctime.set(1500000000)
    tmr.delay(1000000)
    rtctime.dsleep(10000000, 4)
elseif boots == 1 then
    print("-- after rtctime.dsleep", (rtctime.get()))
    print(select(2, node.bootreason()), rtcmem.read32(51, 3))
    node.dsleep(5000000, 1)
else
    print("-- after node.dsleep", (rtctime.get()))
    print(select(2, node.bootreason()), rtcmem.read32(126, 2))
end
