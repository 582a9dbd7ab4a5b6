-- A file server for FTP clients: port 21, and passive data connections at DATA_PORT (a global, by
-- default 2021). Files are those of the file system; there are no directories.
node.LFS.census() -- defines census()

local DATA_PORT = DATA_PORT or 2021
local PIECE = 1024

-- One data connection at a time, for whoever asked last.
local data_server, data, on_data

local function forget(socket)
    for _, name in ipairs{"receive", "sent", "disconnection"} do socket:on(name, nil) end
    if socket == data then data = nil end
end

local function open_passive()
    if data_server then data_server:close() end
    if data then
        local socket = data
        forget(socket)
        socket:close()
    end
    data_server, on_data = net.createServer(30), nil
    data_server:listen(DATA_PORT, function(socket)
        data = socket
        socket:on("disconnection", forget)
        data_server:close()
        data_server = nil
        if on_data then
            on_data(socket)
            on_data = nil
        end
    end)
end

-- Calls fn(socket) when the data connection is there.
local function with_data(fn)
    if data then fn(data) else on_data = fn end
end

local function serve(control)
    local waiting, is_busy, is_leaving = {}, false, false
    local rename_from, start = nil, 0

    local function send_next(control)
        is_busy = #waiting > 0
        if is_busy then
            control:send(table.remove(waiting, 1))
        elseif is_leaving then
            for _, name in ipairs{"receive", "sent", "disconnection"} do control:on(name, nil) end
            control:close()
        end
    end
    local function reply(text)
        waiting[#waiting + 1] = text .. "\r\n"
        if not is_busy then send_next(control) end
    end

    -- Sends what next_piece gives over the data connection.
    local function send_data(next_piece)
        reply("150 here it comes")
        with_data(function(socket)
            local function step(socket)
                local piece = next_piece()
                if piece then return socket:send(piece) end
                forget(socket)
                socket:close()
                reply("226 done")
            end
            socket:on("sent", step)
            socket:on("disconnection", function(socket)
                forget(socket)
                reply("426 connection closed")
            end)
            step(socket)
        end)
    end

    local function send_file(name)
        if not file.exists(name) then return reply("550 no such file") end
        local at = start
        start = 0
        send_data(function()
            local f = file.open(name, "r")
            if not f then return nil end
            f:seek("set", at)
            local piece = f:read(PIECE)
            f:close()
            at = at + (piece and #piece or 0)
            return piece
        end)
    end

    local function store_file(name, mode)
        local f = file.open(name, mode)
        if not f then return reply("553 cannot be written") end
        reply("150 waiting for it")
        with_data(function(socket)
            socket:on("receive", function(_, text)
                if f then f:write(text) end
            end)
            socket:on("disconnection", function(socket, code)
                f:close()
                f = nil
                forget(socket)
                reply(code == 0 and "226 stored" or "426 connection closed")
            end)
        end)
    end

    local function list(format)
        local names, at = {}, 0
        local sizes = file.list()
        for name in pairs(sizes) do names[#names + 1] = name end
        table.sort(names)
        send_data(function()
            at = at + 1
            return names[at] and format:format(sizes[names[at]], names[at])
        end)
    end

    local commands = {
        USER = function() reply("331 any password") end,
        PASS = function() reply("230 come in") end,
        SYST = function() reply("215 UNIX Type: L8") end,
        PWD = function() reply('257 "/"') end,
        CWD = function(name) reply(name == "" and "250 here" or "550 no such directory") end,
        TYPE = function() reply("200 as it is") end,
        NOOP = function() reply("200 nothing") end,
        EPSV = function() open_passive() reply(("229 waiting (|||%d|)"):format(DATA_PORT)) end,
        PASV = function()
            open_passive()
            local _, ip = control:getaddr()
            reply(("227 waiting (%s,%d,%d)"):format(ip:gsub("%.", ","), math.floor(DATA_PORT / 256), DATA_PORT % 256))
        end,
        SIZE = function(name)
            local info = file.stat(name)
            reply(info and "213 " .. info.size or "550 no such file")
        end,
        REST = function(text) start = tonumber(text) or 0 reply("350 from there") end,
        RETR = send_file,
        STOR = function(name) store_file(name, "w") end,
        APPE = function(name) store_file(name, "a") end,
        LIST = function() list("-rw-r--r-- 1 device device %d Jan  1 00:00 %s\r\n") end,
        NLST = function() list("%.0s%s\r\n") end,
        DELE = function(name)
            if not file.exists(name) then return reply("550 no such file") end
            file.remove(name)
            reply("250 gone")
        end,
        RNFR = function(name)
            rename_from = file.exists(name) and name
            reply(rename_from and "350 to what" or "550 no such file")
        end,
        RNTO = function(name)
            local done = rename_from and file.rename(rename_from, name)
            rename_from = nil
            reply(done and "250 renamed" or "553 cannot be renamed")
        end,
        SITE = function(what) reply(what == "ALIVE" and "200 " .. census() or "504 unknown") end,
        QUIT = function() is_leaving = true reply("221 until next time") end,
    }

    local line = ""
    control:on("receive", function(_, text)
        line = line .. text
        while true do
            local command, rest = line:match("^(.-)\r?\n(.*)$")
            if not command then return end
            line = rest
            local verb, argument = command:match("^(%a+) ?(.*)$")
            local action = commands[verb and verb:upper()]
            if action then action((argument:gsub("^/", ""))) else reply("502 unknown") end
        end
    end)
    control:on("sent", send_next)
    control:on("disconnection", function(control)
        for _, name in ipairs{"receive", "sent", "disconnection"} do control:on(name, nil) end
    end)
    reply("220 files of a device")
end

net.createServer(180):listen(21, serve)
print("ready")
