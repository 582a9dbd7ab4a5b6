-- Numbers that no device has: 32 bits and more than the converter's 10.
world.identity{chip = 0xF0000001, flash = 0x80164020}
world.adc(5000)
world.serial:expect("%-268435455 %-2146025440 1024\n")
world.serial:expect("3 0 0 %-268435455 %-2146025440 4096 2 40000000\n")
world.finish()
