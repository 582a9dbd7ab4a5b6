# regions.awk: bytes used of each region of chip.ld, from `size -A`.
function line(name, used, limit)
{
    printf "%-7s %7d of %7d bytes, %5.1f %%\n", name, used, limit, 100 * used / limit
}
$1 == ".iram" { iram = $2 }
$1 == ".heap" || $1 == ".data" || $1 == ".bss" { dram += $2 }
$1 == ".irom.text" || $1 == ".irom.rodata" { irom += $2 }
END {
    line("iram", iram, 32768)
    line("dram", dram, 81920)
    line("irom", irom, 524288)
    printf "%-7s %7d bytes\n", "stack", 81920 - dram
}
