-- Checks that fail go on, expectations that fail end the run.
check(true, "not said")
check(false, "one and %d", 1)
check(1 == 2)
local function helper() world.serial:expect("tack", 150) end
helper()
print("not reached")
