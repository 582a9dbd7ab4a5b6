-- messages.lua: what the outside world sends to the node: commands, requests for its page, and
-- the state of the link.
--
-- messages(tick)   list of {topic, payload} that arrive at that tick; the topic lacks site and node

-- tick topic payload
local SCRIPT = [[

5   link            up
9   command/get     {"path":"network.broker"}
14  command/set     {"path":"sensors.3.period","value":3}
20  link            failed
21  link            failed
23  link            up
30  command/set     {"path":"sensors.2.period","value":0}
34  command/read    {"sensor":4}
41  command/get     {"path":"sensors.5.place"}
48  http            GET /status
55  command/set     {"path":"report.title","value":"Greenhouse 7, summer"}
60  command/history {"channel":"south-window/light"}
66  command/dance   {"steps":8}
70  command/history {"channel":"tomato-bed/moisture"}
72  link            failed
75  link            failed
76  link            failed
78  link            failed
79  link            failed
81  link            up
84  command/get     {"path":"alarms.3.text"}
90  command/read    {"sensor":
96  http            GET /status
101 command/read    {"sensor":12}
110 command/log     {"last":6}
120 command/stop    {"why":"end of season"}
]]

return function(tick)
    local list = {}
    for topic, payload in SCRIPT:gmatch("\n" .. tick .. " +(%S+) +([^\n]+)") do
        list[#list + 1] = {topic, payload}
    end
    return list
end
