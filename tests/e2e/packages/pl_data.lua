-- penlight's containers and functions: List, Map, Set, OrderedMap, class, tablex, array2d, seq, func ...
local List, Map, Set, OrderedMap, MultiMap = require "pl.List", require "pl.Map", require "pl.Set",
    require "pl.OrderedMap", require "pl.MultiMap"
local class, tablex, array2d, seq = require "pl.class", require "pl.tablex", require "pl.array2d", require "pl.seq"
local func, operator, permute, types = require "pl.func", require "pl.operator", require "pl.permute", require "pl.types"
local utils, compat, comprehension = require "pl.utils", require "pl.compat", require "pl.comprehension".new()
local l = List {3, 1, 2}
print(l, l:sort(), l:append(9):extend {7, 8}, l:slice(2, -2), l:reverse(), l:index(9), l:count(9), l:contains(4))
print(List.range(1, 10):filter(function(x) return x % 3 == 0 end), List.split("a b  c"), List "abc" .. List {1})
print(l:map("_*2") == List {16, 14, 18, 6, 4, 2}, l:reduce "+", l:minmax(), List.range(0, 1, 0.25):join "|")
print(pcall(l.remove, l, 99), l:pop(), l:insert(1, "first"), l:len(), l:partition(function(x) return type(x) end))
local m = Map {a = 1, b = 2}
print(#m:keys(), m:get "a", m:getvalues({"a", "b"}), m == Map {b = 2, a = 1})
local s, t = Set {1, 2, 3}, Set {2, 3, 4}
print(Set.len(s), s * t == Set {2, 3}, Set.len(s + t), s - t, s ^ t == Set {1, 4}, s < Set {1, 2, 3, 4}, Set.isdisjoint(s, Set {9}))
local om = OrderedMap()
om:set("z", 1):set("a", 2):set("m", 3)
om:insert(2, "q", 4)
print(om, om:keys(), om:values())
for k, v in om:iter() do io.write(k, "=", v, " ") end
print()
local mm = MultiMap()
mm:set("x", 1) mm:set("x", 2)
print(#mm:get "x" or mm.x)
class.Animal()
function Animal:_init(name) self.name = name end
function Animal:__tostring() return self.name .. ": " .. self:speak() end
class.Dog(Animal)
function Dog:speak() return "bark" end
class.Cat(Animal)
function Cat:_init(name, style) self:super(name) self.style = style end
function Cat:speak() return "meow " .. self.style end
local felix = Cat("Felix", "softly")
print(Dog "Fido", felix, felix:is_a(Animal), Dog:class_of(felix), Animal:class_of(felix), pcall(felix.nothing or error, "no method"))
print(tablex.deepcompare({1, {2}}, {1, {2}}), tablex.size {a = 1, 2}, table.concat(tablex.map("+", {1, 2}, 10), " "))
print(table.concat(tablex.sub({1, 2, 3, 4}, 2, 3), ","), tablex.find({5, 6}, 6), tablex.compare({1, 2}, {2, 3}, "<"))
print(tablex.reduce("..", {"a", "b", "c"}), tablex.search({a = {b = {c = 5}}}, 5), #tablex.zip({1, 2}, {3, 4}))
for k, v in tablex.sort {c = 1, a = 3, b = 2} do io.write(k, v, " ") end
for k, v in tablex.sortv {c = 1, a = 3, b = 2} do io.write(k, v, " ") end
print()
local grid = array2d.new(3, 4, function(i, j) return i * 10 + j end)
print(table.concat(array2d.row(grid, 2), " "), table.concat(array2d.column(grid, 3), " "), array2d.reduce2("+", "*", grid))
array2d.write(array2d.slice(grid, 1, 2, 2, 3), nil, "%d ")
array2d.write(array2d.map("_+1", grid), nil, "%3d")
print(seq.sum(seq.range(1, 100)), seq.copy(seq.take(seq.map("_*_", seq.range(1, 10)), 4)), seq.reduce("-", {10, 3, 2}))
print(seq {1, 2, 3, 4}:filter(function(x) return x > 2 end):map "_*10":copy(), seq.minmax {4, 2, 9}, #seq.copy2(ipairs {"x"}))
local _1, _2 = func._1, func._2
print((func.I(_1 + _2 * 2))(3, 4), func.I((_1 .. "x"):upper())("ab"), func.repr(_1 * _2 + 3), func.compose(tostring, math.sqrt)(16))
print(operator.add(1, 2), operator.optable["%"](7, 4), operator.table(1, 2)[2], operator.concat("a", "b"))
for p in permute.order_iter {1, 2, 3} do io.write(table.concat(p), " ") end
print(#permute.order_table {1, 2, 3, 4})
print(types.is_integer(3), types.is_empty "", types.is_callable(print), types.type(l), types.to_bool("yes"), types.is_iterable {})
print(utils.pack(1, nil, 3).n, utils.split("a,b,,c", ",")[4], utils.string_lambda "|x| x+1"(4), utils.memoize(math.sqrt)(9))
print(pcall(utils.assert_arg, 1, 5, "string"), utils.choose(false, 1, 2), utils.escape "a.b*c", utils.is_type(1, "number"))
print(compat.lua51, compat.is_windows, compat.load("return 7 * 6")(), select("#", compat.load "x x"))
print(table.concat(comprehension "x^2 for x=1,6 if x % 2 == 0" (), " "), comprehension "max(x for x)" {3, 9, 4})
