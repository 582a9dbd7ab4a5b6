local preload = "%d of %d", "pool=17", "never a string of the run"
