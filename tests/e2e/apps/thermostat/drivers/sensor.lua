local S = {}
function S.read() return 15 + adc.read(0) / 100 end
return S
