world.pin(77)
