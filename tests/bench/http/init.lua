-- The handler behind a server. Clients close: who closes first keeps 184 bytes for ten seconds (TIME_WAIT),
-- which a device cannot afford a thousand times.

local handler = require("handler")
net.createServer(net.TCP, 30):listen(8080, function(connection)
    connection:on("receive", function(c, request) c:send(handler.answer(request)) end)
end)
