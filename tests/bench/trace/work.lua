-- work.lua: encodes and decodes lists of records as JSON, each list other than the last one.

local function record(n)
    return {
        id = n,
        name = "sensor " .. n,
        enabled = n % 3 == 0,
        position = { x = n / 7, y = n % 91, floor = "level " .. n % 5 },
        tags = { "indoor", "tag" .. n % 17, "zone" .. n % 29 },
        readings = { n % 40, n % 41, n % 43, n % 47 },
    }
end

return function(json, rounds, records)
    local total = 0
    for round = 1, rounds do
        local list = {}
        for i = 1, records do
            list[i] = record(round * records + i)
        end
        local text = json.encode({ list = list, round = round })
        local back = json.decode(text)
        total = total + #text + back.list[records].id
    end
    print(total)
end
