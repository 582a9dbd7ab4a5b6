local R = {}
function R.init(pin) R.pin = pin gpio.mode(pin, gpio.OUTPUT) gpio.write(pin, gpio.LOW) end
function R.set(on) gpio.write(R.pin, on and gpio.HIGH or gpio.LOW) end
return R
