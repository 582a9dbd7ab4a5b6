# regions.awk: bytes used of each region of chip.ld, from `size -A`; `name` is the build's.
function line(region, used, limit)
{
    printf "%-14s %-6s %7d of %7d bytes, %5.1f %%\n", name, region, used, limit, 100 * used / limit
}
$1 == ".iram" || $1 == ".iram_zero" { iram += $2 }
$1 == ".heap" || $1 == ".data" || $1 == ".kept" || $1 == ".bss" { dram += $2 }
$1 == ".irom.text" || $1 == ".irom.rodata" { irom += $2 }
END {
    line("iram", iram, 32768)
    line("dram", dram, 81920)
    line("irom", irom, 524288)
    printf "%-14s %-6s %7d bytes\n", name, "stack", 81920 - dram
}
