-- A broker for one client, which reads packets as the standard has them, answers, sends back what was
-- published and then a message that is too long; checks what the client must do.
local packets = {} -- types, in the order of their coming

-- The next packet: its first byte and its body; nil: there is none.
local function take(c, within)
    local first = c:receive(1, within)
    if not first then return nil end
    local length, factor = 0, 1
    repeat
        local byte = c:expect(1):byte()
        length = length + byte % 128 * factor
        factor = factor * 128
    until byte < 128
    packets[#packets + 1] = math.floor(first:byte() / 16)
    return first:byte(), length > 0 and c:expect(length) or ""
end

local function packet(first, body)
    local length = #body < 128 and string.char(#body) or string.char(#body % 128 + 128, math.floor(#body / 128))
    return string.char(first) .. length .. body
end

-- A message in parts, then one that the client does not want whole, and an empty one.
local function send_others(c)
    local text = packet(48, "\0\2/b" .. ("x"):rep(900))
    for _, part in ipairs{text:sub(1, 2), text:sub(3, 500), text:sub(501)} do
        c:send(part)
        world.sleep(50)
    end
    c:send(packet(48, "\0\2/b" .. ("y"):rep(3000)) .. packet(48, "\0\2/b"))
end

world.listen(1883, "broker.local", function(c)
    local first, body = take(c)
    check(first == 16 and body == "\0\4MQTT\4\238\0\2\0\5frost\0\5/will\0\4gone\0\4user\0\6secret", "CONNECT: %q", body)
    c:send("\32\2\0\0")
    first, body = take(c)
    check(first == 130 and #body == 12, "SUBSCRIBE")
    c:send("\144\4" .. body:sub(1, 2) .. "\2\0")
    local answers = {[4] = "", [5] = "\98\2", [6] = "\112\2", [7] = ""} -- PUBACK, PUBREC, PUBREL, PUBCOMP
    local pings, has_ended = 0, false
    while not has_ended do
        first, body = take(c, 10000)
        local kind = first and math.floor(first / 16)
        if kind == 3 then
            local quality = math.floor(first / 2) % 4
            if quality > 0 then c:send((quality == 1 and "\64\2" or "\80\2") .. body:sub(5, 6)) end
            c:send(packet(first, body))
        elseif kind == 12 then
            pings = pings + 1
            c:send("\208\0")
            if pings == 1 then send_others(c) end
        elseif kind == 10 then
            c:send("\176\2" .. body:sub(1, 2))
        elseif answers[kind] then
            if answers[kind] ~= "" then c:send(answers[kind] .. body) end
        else
            has_ended = not first or kind == 14
        end
    end
    check(pings >= 2, "%d pings", pings)
    local all = table.concat(packets, " ")
    check(all:find("^1 8 3 ") and all:find(" 10 14$"), "packets: %s", all)
    check(select(2, c:rest()) == "closed", "the client ends the connection")
end)
world.sleep(11000)
