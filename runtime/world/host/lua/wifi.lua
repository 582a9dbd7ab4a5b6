-- wifi.lua: the Wi-Fi around the device. Joining, addresses and scans are the device's virtual world's
-- (runtime/world/wifi_model.h); the script says which networks there are, and what happens to the link.

local pipe, time, net = ...

local NETWORKS_MAX = 16
local AUTH = {open = 0, wep = 1, wpa = 2, wpa2 = 3, wpa_wpa2 = 4}
local BEACON_LOST = 200
local FIELDS = {ssid = 1, password = 1, rssi = 1, channel = 1, mac = 1, auth = 1, hidden = 1, dhcp = 1, reason = 1,
    ip = 1, mask = 1, gateway = 1}

local op = pipe.wifi
local stations, station_count = {}, 0 -- association ids of the device's access point, by MAC

local function tell(what, data)
    pipe.arrive(pipe.kinds.wifi, what, data, "wifi")
end

local function text_of(text, bytes)
    if type(text) ~= "string" or #text >= bytes then
        time.misuse("no name or password of less than %d characters: %s", bytes, tostring(text))
    end
    return text .. ("\0"):rep(bytes - #text)
end

local function address(text, otherwise)
    return net.bytes4(net.check_ip(text or otherwise))
end

local function pack(network, i)
    if type(network) ~= "table" then time.misuse("a network is a table, not %s", tostring(network)) end
    for name in pairs(network) do
        if not FIELDS[name] then time.misuse("a network has no %s", tostring(name)) end
    end
    local auth = network.auth or (network.password and "wpa2" or "open")
    local ip = network.ip
    return net.mac(network.mac or ("02:1A:11:00:01:%02X"):format(i))
        .. string.char(time.check_number(network.rssi or -60, "rssi", -100, 0) % 256,
            AUTH[auth] or time.misuse("auth is open, wep, wpa, wpa2 or wpa_wpa2, not %s", tostring(auth)),
            time.check_number(network.channel or 6, "channel", 1, 14))
        .. text_of(network.ssid or "", 33)
        .. string.char(network.hidden and 1 or 0, network.dhcp == false and 1 or 0,
            time.check_number(network.reason or 0, "reason", 0, 255))
        .. text_of(network.password or "", 65)
        .. address(ip, "0.0.0.0") .. address(network.mask, ip and "255.255.255.0" or "0.0.0.0")
        .. address(network.gateway, ip and ip:gsub("%d+$", "1") or "0.0.0.0")
end

-- The networks from now on, and no others.
function world.wifi(networks)
    if type(networks) ~= "table" or #networks > NETWORKS_MAX then
        time.misuse("world.wifi takes a list of at most %d networks", NETWORKS_MAX)
    end
    local packed = {}
    for i, network in ipairs(networks) do packed[i] = pack(network, i) end
    tell(op.networks, table.concat(packed))
end

-- The link is lost, for a reason of the SDK's; the device tries again.
function world.wifi_lose(reason)
    tell(op.lose, string.char(time.check_number(reason or BEACON_LOST, "a reason", 1, 255)))
end

-- A station joins the device's own access point; it leaves.
function world.wifi_join(mac, ip)
    local bytes = net.mac(mac)
    if not stations[bytes] then
        stations[bytes] = station_count % 8 + 1
        station_count = station_count + 1
    end
    tell(op.join, bytes .. string.char(stations[bytes]) .. address(ip, "192.168.4.2"))
end

function world.wifi_leave(mac)
    local bytes = net.mac(mac)
    tell(op.leave, bytes .. string.char(stations[bytes] or 0) .. net.bytes4(0))
end

return {}
