local ftp, ftp_data, ftp_srv
local file, net, print, string, table = file, net, print, string, table
do
local createServer = function(user, pass)
  local data_fnc, waiting
  local function with_data(fn)
    if waiting then local s = waiting waiting = nil fn(s) else data_fnc = fn end
  end
  ftp_data = net.createServer(net.TCP, 180)
  ftp_data:listen(2020, function(s) if data_fnc then data_fnc(s) else waiting = s end end)
  ftp_srv = net.createServer(net.TCP, 180)
  ftp_srv:listen(2021, function(socket)
    local s, cwd, buf = 0, "/", ""
    socket:on("receive", function(c, d)
      local a = {}
      for i in string.gmatch(d, "([^ \r\n]+)") do table.insert(a, i) end
      local a1, a2 = unpack(a)
      if a1 == nil or a1 == "" then return end
      print("< " .. a1)
      if s == 0 and a1 == "USER" then
        if a2 ~= user then return c:send("530 user not found\r\n") end
        s = 1
        return c:send("331 OK. Password required\r\n")
      end
      if s == 1 and a1 == "PASS" then
        if a2 ~= pass then return c:send("530 Try again\r\n") end
        s = 2
        return c:send("230 OK.\r\n")
      end
      if s ~= 2 then return c:send("530 Not logged in, authorization required\r\n") end
      if a1 == "PWD" then return c:send('257 "' .. cwd .. '" is your current directory\r\n') end
      if a1 == "CWD" then cwd = a2 return c:send("250 OK. Current directory is " .. cwd .. "\r\n") end
      if a1 == "TYPE" then return c:send("200 TYPE is now " .. a2 .. "\r\n") end
      if a1 == "SYST" then return c:send("215 UNIX Type: L8\r\n") end
      if a1 == "SIZE" then
        local st = file.stat(a2)
        return c:send(st and "213 " .. st.size .. "\r\n" or "550 not found\r\n")
      end
      if a1 == "PASV" then
        local _, ip = c:getaddr()
        ip = ip:gsub("%.", ",")
        return c:send("227 Entering Passive Mode (" .. ip .. ",7,228).\r\n")
      end
      if a1 == "LIST" or a1 == "NLST" then
        c:send("150 Accepted data connection\r\n")
        with_data(function(sd)
          local l = file.list()
          local t = {}
          for k, v in pairs(l) do t[#t + 1] = a1 == "NLST" and k or "+r,s" .. v .. ",\t" .. k end
          table.sort(t)
          local i = 0
          local function more(sd)
            i = i + 1
            if t[i] then sd:send(t[i] .. "\r\n") else
              sd:close()
              data_fnc = nil
              c:send("226 Transfer complete.\r\n")
            end
          end
          sd:on("sent", more)
          more(sd)
        end)
        return
      end
      if a1 == "RETR" then
        local f = file.open(a2:gsub("%/", ""), "r")
        if f == nil then return c:send("550 File " .. a2 .. " not found\r\n") end
        c:send("150 Accepted data connection\r\n")
        with_data(function(sd)
          local function more(cd)
            local b = f:read(1024)
            if b then cd:send(b) else
              cd:close()
              f:close()
              data_fnc = nil
              c:send("226 Transfer complete.\r\n")
            end
          end
          sd:on("sent", more)
          more(sd)
        end)
        return
      end
      if a1 == "STOR" then
        local f = file.open(a2:gsub("%/", ""), "w")
        if f == nil then return c:send("451 Can't open/create " .. a2 .. "\r\n") end
        c:send("150 Accepted data connection\r\n")
        with_data(function(sd)
          sd:on("receive", function(cd, dd) f:write(dd) end)
          sd:on("disconnection", function()
            f:close()
            data_fnc = nil
            c:send("226 Transfer complete.\r\n")
          end)
        end)
        return
      end
      if a1 == "RNFR" then buf = a2 return c:send("350 RNFR accepted\r\n") end
      if a1 == "RNTO" and buf ~= "" then
        file.rename(buf, a2)
        buf = ""
        return c:send("250 File renamed\r\n")
      end
      if a1 == "DELE" then file.remove(a2:gsub("%/", "")) return c:send("250 Deleted " .. a2 .. "\r\n") end
      if a1 == "QUIT" then return c:send("221 Goodbye\r\n", function(s) s:close() end) end
      c:send("500 Unknown error\r\n")
    end)
    socket:send("220--- Welcome to FTP for ESP8266/ESP32 ---\r\n220 --   Version 1.8   --\r\n")
  end)
end
local closeServer = function() ftp_data:close() ftp_srv:close() end
ftp = {createServer = createServer, closeServer = closeServer}
end
return ftp
