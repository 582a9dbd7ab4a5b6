world.sleep(50)
while true do end
