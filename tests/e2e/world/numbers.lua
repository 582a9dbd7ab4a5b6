-- What results of 32 bits become.
print(node.chipid() .. " " .. node.flashid() .. " " .. adc.read(0))
assert(node.info("hw").chip_id == node.chipid() and node.info("hw").flash_id == node.flashid())
print(table.concat({node.info()}, " "))
