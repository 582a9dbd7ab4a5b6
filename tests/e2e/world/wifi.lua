-- Networks that come and go.
world.wifi{
    {ssid = "home", password = "right", rssi = -71, ip = "10.9.8.7"},
    {ssid = "next door", rssi = -90, channel = 11, auth = "wpa"},
}
world.serial:expect("lost 15\n", 8000) -- a wrong password
world.wifi{{ssid = "home", password = "password", rssi = -71, ip = "10.9.8.7"}}
world.serial:expect("ip 10%.9%.8%.7 10%.9%.8%.1\n", 8000)
world.serial:expect("rssi %-71\n")
world.wifi{} -- out of reach
world.serial:expect("lost 200\n", 100)
world.serial:expect("lost 201\n", 5000)
world.wifi{{ssid = "home", rssi = -40}}
world.serial:expect("ip 192%.168%.1%.50", 10000)
world.wifi_lose(2)
world.serial:expect("lost 2\n", 100)
world.serial:expect("ip 192%.168%.1%.50", 10000)
world.wifi_join("AA:BB:CC:00:00:01")
world.serial:expect("joined aa:bb:cc:00:00:01 1\n", 100)
world.wifi_leave("AA:BB:CC:00:00:01")
world.serial:expect("left aa:bb:cc:00:00:01 1\n", 100)
world.finish()
