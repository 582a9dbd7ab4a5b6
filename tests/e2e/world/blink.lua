-- A program that says what it does: a line each 100 ms.
print("up")
local n = 0
tmr.create():alarm(100, tmr.ALARM_AUTO, function()
    n = n + 1
    print("tick " .. n)
end)
