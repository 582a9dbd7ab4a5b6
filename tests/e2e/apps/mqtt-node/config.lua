local M = {}
M.ssid = "home"
M.pwd = "s3cret-wifi-pass"
M.broker = "broker.local"
M.port = 1883
M.id = "node-" .. node.chipid()
M.user = "sensor"
M.pass = "mqtt-secret"
return M
