world.connect(81, nil, 500)
