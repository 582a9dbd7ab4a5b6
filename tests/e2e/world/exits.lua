world.sleep(150)
os.exit(7)
