# loads.awk: which narrow loads of flash do the probes account for? Reads `frost trace dump`.
#
# Prints, one a line:
#   wide N, narrow N        loads of 32 bits; of 8 and 16 bits
#   excess TEXT LOADS CLAIMED     a text loaded more than three times as often as probes claim
#   stray PC WIDTH TIMES ADDR     a narrow load of a word that no claim covers
function field(name)
{
    match($0, " " name "=[^ ]*")
    return substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 2)
}
function number(hex,    n, i)
{
    for (i = 3; i <= length(hex); i++)
        n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
    return n + 0
}
$2 == "text" {
    at[field("id")] = number(field("flash_addr"))
    bytes[field("id")] = field("bytes")
}
# A claim covers the words of its characters; the hash of a long part looks at some of all of it.
$2 == "content_read" && at[field("text")] {
    text = at[field("text")]
    first = text + field("first")
    end = first + field("bytes")
    if (field("bytes") >= 16)
        end = text + bytes[field("text")]
    for (word = first - first % 4; word < end; word += 4)
        is_claimed[word] = 1
    claimed[text] += field("bytes") * field("times")
    for (word = text; word <= text + bytes[field("text")]; word += 4)
        owner[word] = text
}
$2 == "flash_load" && field("width") == 4 { wide += field("times") }
$2 == "flash_load" && field("width") < 4 {
    narrow += field("times")
    word = number(field("addr"))
    loaded[word] += field("times")
    key = field("pc") " " field("width")
    times[key, word] += field("times")
    keys[key, word] = key " " times[key, word] " " field("addr")
    word_of[key, word] = word
}
END {
    print "wide", wide + 0
    print "narrow", narrow + 0
    for (word in loaded)
        if (word in owner)
            sum[owner[word]] += loaded[word]
    for (text in sum)
        if (sum[text] > 3 * claimed[text])
            printf "excess 0x%x %d %d\n", text, sum[text], claimed[text]
    for (i in keys)
        if (!(word_of[i] in is_claimed))
            print "stray", keys[i]
}
