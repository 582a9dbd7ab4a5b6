#!/bin/sh
# The module crypto: digests of known texts, of files and piece by piece, with keys; masks; what
# objects take of the heap; wrong uses. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" python3
fs=$TAP_DIR/fs
mkdir "$fs"

# ---- against another implementation: every length around the ends of blocks ----

python3 - "$TAP_DIR/want" "$fs/data.bin" <<'END'
import hashlib, hmac, sys
out = open(sys.argv[1], "w")
text = bytes((i * 7 + i // 5) % 256 for i in range(1000))
open(sys.argv[2], "wb").write(text)
for name in ("MD5", "SHA1", "SHA256", "SHA384", "SHA512"):
    new = getattr(hashlib, name.lower())
    all = new()
    for n in list(range(0, 260, 3)) + [55, 56, 63, 64, 111, 112, 119, 120, 127, 128, 1000]:
        all.update(new(text[:n]).digest())
        all.update(hmac.new(text[:n], text[n:n + 50], new).digest())
    print(name, new(text).hexdigest(), all.hexdigest(), file=out)
END
cat >"$fs/main.lua" <<'END'
local text = file.getcontents("data.bin")
local lengths = {}
for n = 0, 259, 3 do lengths[#lengths + 1] = n end
for _, n in ipairs {55, 56, 63, 64, 111, 112, 119, 120, 127, 128, 1000} do lengths[#lengths + 1] = n end
for _, name in ipairs {"MD5", "SHA1", "SHA256", "SHA384", "SHA512"} do
    local all = crypto.new_hash(name:lower())
    for _, n in ipairs(lengths) do
        local key = text:sub(1, n)
        all:update(crypto.hash(name, key))
        local keyed = crypto.new_hmac(name, key)
        local rest = text:sub(n + 1, n + 50)
        for at = 1, #rest, 7 do keyed:update(rest:sub(at, at + 6)) end
        local digest = keyed:finalize()
        if digest ~= crypto.hmac(name, rest, key) then print("pieces differ", name, n) end
        all:update(digest)
    end
    print(name .. " " .. encoder.toHex(crypto.fhash(name, "data.bin")) .. " " .. encoder.toHex(all:finalize()))
end
END
for option in "" --integer; do
    want_status "digests of many lengths $option" 0 "$FROST" run $option --fs "$fs" "$fs/main.lua"
    want_same "... are those of Python's library" "$TAP_DIR/want" "$TAP_DIR/out"
done

# ---- the rest ----

cat >"$TAP_DIR/want" <<'END'
900150983cd24fb0d6963f7d28e17f72
a9993e364706816aba3e25717850c26c9cd0d89d true
104 104 116 220 220
168 168 180 348 348
false unknown hash mech
false unknown hash mech
false file does not exist
false invalid argument: mask
false bad argument #2 to '?' (string expected, got no value)
false bad argument #1 to '?' (string expected, got no value)
abc  12 true
false
END
cat >"$fs/main.lua" <<'END'
local function show(ok, message) print(tostring(ok) .. " " .. tostring(message)) end
print(encoder.toHex(crypto.hash("md5", "abc")))
print(encoder.toHex(crypto.sha1("abc")) .. " " .. tostring(crypto.sha1("abc") == crypto.hash("Sha1", "abc")))
local methods = {"MD5", "SHA1", "SHA256", "SHA384", "SHA512"}
local function sizes(new)
    local all = {}
    node.egc.setmode(node.egc.NOT_ACTIVE)
    collectgarbage("stop")
    for _ = 1, 2 do -- the second time the metatable's name is in the registry, the stack has grown
        for i, name in ipairs(methods) do
            all[i] = 0
            local before = node.egc.meminfo()
            new(name, "key")
            all[i] = node.egc.meminfo() - before - 24
        end
    end
    collectgarbage("restart")
    print(table.concat(all, " "))
end
sizes(crypto.new_hash)
sizes(crypto.new_hmac)
show(pcall(crypto.hash, "SHA3", "abc"))
show(pcall(crypto.new_hmac, "", "abc"))
show(pcall(crypto.fhash, "MD5", "absent"))
show(pcall(crypto.mask, "abc", ""))
show(pcall(crypto.hmac, "MD5"))
show(pcall(crypto.sha1))
local text = "abc  12"
print(crypto.mask(crypto.mask(text, "xyz"), "xyz") .. " " .. tostring(crypto.mask("aa", "a") == "\0\0"))
print((pcall(function() return crypto.toHex(text) end)))
END
want_status "sizes and wrong uses" 0 "$FROST" run --fs "$fs" "$fs/main.lua"
want_same "... as the firmware has them" "$TAP_DIR/want" "$TAP_DIR/out"
want_text "the old name has its new one told" "$TAP_DIR/err" "encoder.toHex"

# ---- encryption: the vectors of NIST SP 800-38A (F.1.1, F.2.1), and what the firmware does at edges ----

cat >"$TAP_DIR/want" <<'END'
3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf
7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2
true true
5eed5eed000000000000000000000000 0 16
true false
5016
false unknown cipher: AES-CTR
false crypto op failed
false crypto op failed
END
cat >"$fs/main.lua" <<'END'
local function show(ok, message) print(tostring(ok) .. " " .. tostring(message)) end
local key = encoder.fromHex("2b7e151628aed2a6abf7158809cf4f3c")
local start = encoder.fromHex("000102030405060708090a0b0c0d0e0f")
local text = encoder.fromHex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
local alone, chained = crypto.encrypt("AES-ECB", key, text), crypto.encrypt("aes-cbc", key, text, start)
print(encoder.toHex(alone))
print(encoder.toHex(chained))
print(tostring(crypto.decrypt("AES-ECB", key, alone) == text) .. " " .. tostring(crypto.decrypt("AES-CBC", key, chained, start) == text))
local short = encoder.fromHex("5eed5eed")
print(encoder.toHex(crypto.decrypt("AES-ECB", key, crypto.encrypt("AES-ECB", key, short))) .. " " ..
    #crypto.encrypt("AES-ECB", key, "") .. " " .. #crypto.encrypt("AES-CBC", key, "x"))
local filled = crypto.encrypt("AES-CBC", key, text, "\1\2" .. ("\0"):rep(14))
print(tostring(crypto.encrypt("AES-CBC", key, text, "\1\2") == filled) .. " " .. tostring(crypto.encrypt("AES-CBC", key, text) == filled))
print(#crypto.encrypt("AES-CBC", key, file.getcontents("data.bin") .. ("x"):rep(3000) .. ("x"):rep(8)) + 1000)
show(pcall(crypto.encrypt, "AES-CTR", key, text))
show(pcall(crypto.encrypt, "AES-ECB", "short", text))
show(pcall(crypto.decrypt, "AES-CBC", key .. key, text))
END
want_status "encryption" 0 "$FROST" run --fs "$fs" "$fs/main.lua"
want_same "... gives the standard's vectors" "$TAP_DIR/want" "$TAP_DIR/out"

tap_done
