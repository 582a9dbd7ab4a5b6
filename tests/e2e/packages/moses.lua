-- moses: one of each family of its functions.
local moses = require "moses"
-- Editions differ in what they have.
local M = setmetatable({}, {
    __index = function(_, name) return moses[name] or function() return "no " .. name end end,
    __call = function(_, ...) return moses(...) end,
})
local function show(...)
    local out = {}
    for i = 1, select("#", ...) do
        local v = select(i, ...)
        if type(v) == "table" then
            local parts, keys = {}, {}
            for k in pairs(v) do keys[#keys + 1] = k end
            table.sort(keys, function(a, b)
                if type(a) == type(b) then return a < b end
                return type(a) == "number"
            end)
            for _, k in ipairs(keys) do
                local item = v[k]
                parts[#parts + 1] = tostring(k) .. "=" ..
                    (type(item) == "table" and "[" .. table.concat(M.map(item, tostring), " ") .. "]" or tostring(item))
            end
            v = "{" .. table.concat(parts, ", ") .. "}"
        end
        out[#out + 1] = tostring(v)
    end
    print(table.concat(out, "\t"))
end
local function even(v) return v % 2 == 0 end
local list = {5, 3, 8, 1, 9, 2}
show(M.clear {1, 2}, M.count({1, 1, 2}, 1), M.countf(list, even))
show(M.map(list, function(v) return v * v end), M.mapi(list, function(v, k) return v + k end))
show(M.reduce(list, function(a, b) return a + b end), M.reduceRight(list, function(a, b) return a .. b end))
show(M.select(list, even), M.reject(list, even), M.all(list, even), M.include(list, 8), M.detect(list, 9))
show(M.where({{a = 1, b = 2}, {a = 1, b = 3}}, {a = 1}), M.findWhere({{a = 2}, {a = 3, b = 4}}, {a = 3}))
show(M.pluck({{n = "x"}, {n = "y"}}, "n"), M.max(list), M.min(list), M.same({1, 2}, {2, 1}))
show(M.sort(M.clone(list)), M.sortBy({{k = 3}, {k = 1}}, "k")[1], M.groupBy(list, even)[true])
show(M.countBy(list, function(v) return v > 4 and "big" or "small" end), M.size({1, a = 2}), M.containsKeys({a = 1}, {a = 2}))
show(M.sample({7, 7, 7}, 2), M.toArray(1, 2, 3), M.find(list, 8), M.reverse(list), M.fill({1, 2, 3}, 0, 2, 3))
show(M.selectWhile({2, 4, 5, 6}, even), M.dropWhile({2, 4, 5, 6}, even), M.sortedIndex({1, 3, 5}, 4))
show(M.indexOf(list, 8), M.lastIndexOf({1, 2, 1}, 1), M.addTop({1}, 2, 3), M.pop({1, 2, 3}), M.push({1}, 2))
show(M.removeRange({1, 2, 3, 4, 5}, 2, 4), M.chunk({1, 1, 2, 2, 1}, function(v) return v end), M.slice(list, 2, 4))
show(M.first(list, 2), M.initial(list, 2), M.last(list, 2), M.rest(list, 3), M.nth(list, 3), M.compact {1, false, 2})
show(M.flatten({1, {2, {3, {4}}}}), M.difference({1, 2, 3}, {2}), M.union({1, 2}, {2, 3}), M.intersection({1, 2, 3}, {2, 3, 4}))
show(M.unique {1, 1, 2, 3, 2}, M.isunique {1, 2}, M.zip({1, 2}, {"a", "b"}), M.interleave({1, 2}, {3, 4}), M.interpose({1, 2, 3}, 0))
show(M.range(1, 9, 3), M.rep("x", 3), M.partition and "partition", M.concat({1, 2, 3}, "-"), M.xpairs and "xpairs")
local compose = M.compose(function(v) return v + 1 end, function(v) return v * 2 end)
show(compose(5), M.pipe(3, function(v) return v * 3 end, tostring), M.juxtapose(4, math.sqrt, even), M.identity(1))
local once, memo = M.once(function(v) return v end), M.memoize(function(v) return v * 2 end)
show(once(1), once(2), memo(4), memo(4), M.before(function() return "b" end, 1)(), M.partial(math.max, 4)(2))
show(M.keys({a = 1}), M.values({a = 9}), M.kvpairs({a = 1})[1], M.invert {"x", "y"}, M.pick({a = 1, b = 2}, "a"), M.omit({a = 1, b = 2}, "a"))
show(M.extend({a = 1}, {b = 2}), M.defaults({a = 1}, {a = 2, b = 3}), M.isEqual({1, {2}}, {1, {2}}), M.isEmpty {}, M.isInteger(2.5))
show(M.template and "template", M.result("text", string.len), M.isNaN(0 / 0), M.isNil(nil), M.times(function(i) return i * i end, 3))
local wrapped = M(list)
show(wrapped:select(even):map(function(v) return v / 2 end):value())
