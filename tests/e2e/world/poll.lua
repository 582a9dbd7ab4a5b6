-- A program that asks each second, and says when it sees an edge.
gpio.mode(3, gpio.INT)
gpio.trig(3, "up", function() print("edge " .. math.floor(tmr.now() / 1000)) end)
tmr.create():alarm(1000, tmr.ALARM_AUTO, function() adc.read(0) end)
