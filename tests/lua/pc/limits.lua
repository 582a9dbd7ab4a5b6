-- Ends of what the interpreter can nest.
-- A coroutine that cannot be started since the C stack is full is dead.
local depth, seen = 0, nil
local function nest()
    depth = depth + 1
    local co = coroutine.create(nest)
    local ok, message = coroutine.resume(co)
    if not ok and not seen then
        seen = true
        print(depth, message, coroutine.status(co), coroutine.resume(co))
    end
end
nest()
-- One that had begun may go on later.
local begun = coroutine.create(function() coroutine.yield(1) return 2 end)
coroutine.resume(begun)
local function to_the_end(n)
    if n == 0 then return coroutine.resume(begun) end
    local results
    coroutine.wrap(function() results = {to_the_end(n - 1)} end)()
    return unpack(results)
end
print(to_the_end(198))
print(coroutine.status(begun), coroutine.resume(begun))
print(coroutine.status(begun))
