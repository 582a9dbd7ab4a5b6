local count, name = 0, ...
local function step(by) count = count + by; return ("%s is at %d"):format(name, count) end
local function describe() return "a module that is loaded again and again", step(0) end
return {step = step, describe = describe}
