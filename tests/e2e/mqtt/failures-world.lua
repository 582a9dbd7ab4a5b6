-- Brokers that fail, each in a way of its own.
local function broker(port, answer)
    world.listen(port, "broker.local", function(c)
        c:expect(19)
        if answer then c:send(answer) else c:reset() end
        c:rest(20000)
    end)
end
broker(1, "\32\2\0\5")                         -- refuses
broker(2, "\32")                               -- begins an answer
broker(3, "\208\0")                            -- says something else
broker(4, "\32\2\0\0")                         -- does not answer pings
broker(5)                                      -- is gone
broker(6, "\32\2\0\0\48\255\255\255\255\255") -- sends a length that is none
world.sleep(60000)
