STATION_CFG = {ssid = "garden", pwd = "tomatoes2019", save = false}
API_KEY = "Q9ZX3M1N5PLAPIKEY"
HOST = "api.example.org"
PIN_DHT = 1
PIN_OW = 3
SDA, SCL = 5, 6
PERIOD = 60000
