-- A server that keeps what it gets, so its memory runs out; port 7. "flush" gives it up again. What
-- it has finished is in the file "finished".
print("boot", node.heap())
local kept, total = {}, 0
net.createServer(30):listen(7, function(socket)
    socket:on("receive", function(socket, text)
        if text:match("^flush") then
            kept = {}
            file.putcontents("finished", "kept " .. total .. "\n")
            total = 0
            return socket:send("flushed\n")
        end
        kept[#kept + 1] = text
        total = total + #text
        socket:send("kept " .. total .. "\n")
    end)
end)
print("ready")
