-- Every instruction with every kind of operand (register, constant) and every type of value in it,
-- each from one place in the code: what a place does must not depend on what it did before.

local function show(v)
  local kind = type(v)
  if kind == "table" or kind == "function" then return kind end
  return kind == "string" and string.format("%q", v) or tostring(v)
end

-- What a call gives: values, or the message of its error.
local function outcome(f, ...)
  local all = {pcall(f, ...)}
  local n = #all
  for i = 1, 8 do if all[i] ~= nil then n = math.max(n, i) end end
  local texts = {}
  for i = 2, n do texts[#texts + 1] = show(all[i]) end
  return (all[1] and "= " or "! ") .. table.concat(texts, " ")
end

local meta = {
  __add = function(a, b) return "add" end, __sub = function(a, b) return "sub" end,
  __mul = function(a, b) return "mul" end, __div = function(a, b) return "div" end,
  __mod = function(a, b) return "mod" end, __pow = function(a, b) return "pow" end,
  __unm = function(a) return "unm" end, __concat = function(a, b) return "concat" end,
  __lt = function(a, b) return "yes" end, __le = function(a, b) return nil end,
  __eq = function(a, b) return true end,
  __call = function(self, ...) return "called", select("#", ...) end,
  __index = function(t, k) return "index " .. (type(k) == "function" and "f" or tostring(k)) end,
}
local one, other = setmetatable({}, meta), setmetatable({}, meta)
local values = {1, 2.5, -3, 0, "4", "x", "0x10", true, false, {}, one, other, print}
local count = #values + 1 -- nil is the last

-- ---- arithmetic and comparison ----

local operands = values -- without texts for %, which formats in NodeMCU's dialect
local constants = {"1", "2.5", "-3", "'4'", "'x'", "nil", "true", "false"}
local function each_pair(name, text)
  local f = assert(loadstring("local x, y = ... " .. text, "=" .. name))
  for i = 1, count do
    local line = {}
    for j = 1, count do line[j] = outcome(f, operands[i], operands[j]) end
    print(name, show(operands[i]), table.concat(line, "; "))
  end
end
local function each(name, text)
  local f = assert(loadstring("local x = ... " .. text, "=" .. name))
  local line = {}
  for round = 1, 2 do
    for i = 1, count do line[#line + 1] = outcome(f, operands[i]) end
  end
  print(name, table.concat(line, "; "))
end

local numbers = {}
for i = 1, count do numbers[i] = type(values[i]) == "string" and i or values[i] end
for _, op in ipairs {"+", "-", "*", "/", "%", "^", ".."} do
  operands = op == "%" and numbers or values
  each_pair("x " .. op .. " y", "return x " .. op .. " y")
  for _, k in ipairs(constants) do
    if op ~= "%" or k:sub(1, 1) ~= "'" then
      each("x " .. op .. " " .. k, "return x " .. op .. " " .. k)
      each(k .. " " .. op .. " x", "return " .. k .. " " .. op .. " x")
    end
  end
end
operands = values
for _, op in ipairs {"<", "<=", ">", ">=", "==", "~="} do
  for _, no in ipairs {"", "not "} do
    local function test(a, b)
      return "if " .. no .. "(" .. a .. op .. b .. ") then return 'then' else return 'else' end"
    end
    each_pair(no .. "x " .. op .. " y", test("x ", " y"))
    for _, k in ipairs(constants) do
      each(no .. "x " .. op .. " " .. k, test("x ", " " .. k))
      each(no .. k .. " " .. op .. " x", test(k .. " ", " x"))
    end
    each_pair("value " .. no .. op, "return " .. no .. "(x " .. op .. " y)")
  end
end
each("test", "if x then return 1 end return 0")
each("test not", "if not x then return 1 end return 0")
each("and", "local y = x and 'both' return y")
each("or", "local y = x or 'else' return y")
each("and or", "return x and 1 or 2, not x, not not x")

-- ---- fields ----

local function object(kind)
  local t = {10, 20, 30, name = "n", [2.5] = "half", [true] = "yes"}
  if kind == 2 then setmetatable(t, {__index = {rest = "rest", [9] = "nine"}}) end
  if kind == 3 then setmetatable(t, meta) end
  if kind == 4 then
    setmetatable(t, {__newindex = function(t, k, v) rawset(t, "caught", show(k)) end})
  end
  return t
end
local keys = {1, 3, 4, 9, 0, -1, 2.5, 1e300, "name", "rest", "none", true, print}
local get_by = loadstring("local t, k = ... return t[k]", "=get")
local result = " return rawget(t, k), rawget(t, 'caught')"
local set_by = loadstring("local t, k, v = ... t[k] = v" .. result, "=set")
local set_constant = loadstring("local t, k = ... t[k] = 'c'" .. result, "=set constant")
for kind = 1, 4 do
  for _, k in ipairs(keys) do
    print(kind, show(k), outcome(get_by, object(kind), k), outcome(set_by, object(kind), k, "new"),
          outcome(set_by, object(kind), k, nil), outcome(set_constant, object(kind), k))
  end
end
for i = 1, count do
  print("get", show(values[i]), outcome(get_by, values[i], 1), outcome(get_by, values[i], "name"),
        outcome(set_constant, values[i], 1))
end
print(outcome(set_by, object(1), nil, 1), outcome(set_by, object(1), 0 / 0, 1))
for _, k in ipairs {"'name'", "'none'", "'rest'", "1", "3", "9", "2.5", "true"} do
  local field, after = "t[" .. k .. "]", " return rawget(t, " .. k .. ")"
  local get = loadstring("local t = ... return " .. field, "=get " .. k)
  local set = loadstring("local t, v = ... " .. field .. " = v" .. after, "=set " .. k)
  local put = loadstring("local t, v = ... " .. field .. " = 7" .. after, "=put " .. k)
  for kind = 1, 4 do
    print(k, kind, outcome(get, object(kind)), outcome(set, object(kind), "v"),
          outcome(set, object(kind)), outcome(put, object(kind)))
  end
  for i = 1, count do print(k, outcome(get, values[i]), outcome(put, values[i])) end
end
local call_method = loadstring("local o = ... return o:name(1)", "=method")
local rank = {name = function(self, n) return type(self), n end}
for _, o in ipairs {rank, setmetatable({}, {__index = rank}), one, "text", {}, 5, {name = 1}} do
  print(outcome(call_method, o), outcome(call_method, o))
end

-- ---- calls and returns ----

local function none() end
local function single(v) return v end
local function several(v) return v, 2, 3 end
local function through(v) return single(v) end
local function through_none() return none() end
local function upvalue(v) local w = v return (function() w = w + 1 return w end)() end
local function kept(v) local get = function() return v end return get, get() end
local function closed(v) local get = function() return v end v = v + 1 return get() end
local function more(a, b, c, d) return d, c, b, a end
local function rest(...) return ... end
local callees = {none, single, several, through, through_none, upvalue, kept, closed, more, rest,
                 tostring, setmetatable({}, meta)}
local function use(f)
  f(1) -- no result wanted
  local a = f(2)
  local b, c = f(3)
  local t = {f(4)}
  f(f(5))
  local d = (f(6, f(7)))
  return a, b, c, t[1], #t, d, f(8)
end
for round = 1, 2 do
  for _, f in ipairs(callees) do print(outcome(use, f)) end
  print(outcome(use, 5), outcome(use))
end
for _, f in ipairs(callees) do
  local co = coroutine.wrap(function(v)
    local a = f(v)
    a = coroutine.yield(a)
    return f(a)
  end)
  print(outcome(co, 1), outcome(co, 2), outcome(co, 3))
end
local function nested(n) if n == 0 then return "bottom" end return (nested(n - 1)) end
print(nested(150), outcome(pcall, nested, 20))

-- ---- loops ----

local function steps(from, to, by)
  local n, last = 0
  for i = from, to, by do n, last = n + 1, i if n == 5 then break end end
  return n, last
end
for _, by in ipairs {1, 2, -1, -0.5, 0.25, "1", 0 / 0} do
  print(by ~= by or by, outcome(steps, 1, 3, by), outcome(steps, 3, 1, by),
        outcome(steps, 2, 2, by), outcome(steps, 0 / 0, 1, by))
end
print(outcome(steps, 1, 2, {}), outcome(steps, "x", 2, 1), outcome(steps, 1, nil, 1))
