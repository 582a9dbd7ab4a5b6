world.sleep(150)
local function deep() return nil + 1 end
deep()
