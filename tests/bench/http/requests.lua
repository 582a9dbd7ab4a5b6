-- The handler alone: as many requests as the first argument says.

package.path = arg[0]:gsub("[^/]*$", "") .. "?.lua"
local handler = require("handler")
local head = " HTTP/1.1\r\nHost: 192.168.4.1\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
local requests = {
    "GET /index.html" .. head, "GET /api?led=on&name=two%20words&n=17" .. head, "GET /none" .. head,
    "GET /style.css" .. head,
}
local bytes = 0
for i = 1, tonumber(arg[1]) do bytes = bytes + #handler.answer(requests[i % #requests + 1]) end
print(bytes)
