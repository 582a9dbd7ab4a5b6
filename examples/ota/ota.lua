-- ota.lua: fetches what is newer than what the device has, proves that it comes from who has the
-- device's key, and puts it to use.
--
-- A server has a manifest and images. The manifest is text, one line each:
--   version N                        greater than that of the last one that was installed
--   core FILE BYTES SHA256           images, in this order; either may be missing
--   devs FILE BYTES SHA256           or "devs none": everything is as in core
--   hmac HEX                         HMAC-SHA256 of all lines above with the device's key
-- A hash alone would prove nothing: who can change the image can change the hash beside it.
--
-- Files of the device: ota.key (the key), ota.have (what is installed: name and hash, version), and
-- while it works ota.tmp, ota.next. Only an image whose hash is another than the installed one's is
-- fetched, so a change of what is being worked on costs the devs image alone; publish.sh puts only
-- the modules into it that changed since core was made.
-- An update that was cut off anywhere is begun again at the next check.

local M = {}

local PIECE = 1024 -- bytes of a request: what the heap has room for at any time
local TRIES = 3

local function read_have()
    local have = {version = 0}
    for name, value in (file.getcontents "ota.have" or ""):gmatch "(%w+) (%w+)\n" do
        have[name] = tonumber(value) or value
        if name ~= "version" then have[name] = value end
    end
    return have
end

local function write_have(have)
    local text = "version " .. have.version .. "\n"
    for _, name in ipairs {"core", "devs"} do
        if have[name] then text = text .. name .. " " .. have[name] .. "\n" end
    end
    file.putcontents("ota.tmp", text) -- the rename is the step that counts
    file.remove "ota.have"
    file.rename("ota.tmp", "ota.have")
end

-- The version and the images of a manifest; nil and the reason if it is not to be believed.
local function verify(text, key)
    local body, sum = text:match "^(.*\n)hmac (%x+)\n$"
    if not body then return nil, "no manifest" end
    if encoder.toHex(crypto.hmac("sha256", body, key)) ~= sum then
        return nil, "manifest is not signed with this device's key"
    end
    local version = tonumber(body:match "^version (%d+)\n")
    if not version then return nil, "manifest without version" end
    local images = {}
    for kind, name, bytes, hash in body:gmatch "(%l+) (%S+) (%d+) (%x+)\n" do
        images[#images + 1] = {kind = kind, name = name, bytes = tonumber(bytes), hash = hash}
    end
    if body:find("\ndevs none\n", 1, true) then images[#images + 1] = {kind = "devs", hash = "none"} end
    return version, images
end

-- Fetches one image into ota.tmp; done(reason), nil if the file has the hash of the manifest.
local function fetch(url, image, done)
    local sum, at, tries = crypto.new_hash "sha256", 0, 0
    local out = file.open("ota.tmp", "w")
    local function finish(reason)
        out:close()
        done(reason)
    end
    local function fetch_piece()
        if at == image.bytes then
            local same = encoder.toHex(sum:finalize()) == image.hash
            return finish(not same and image.name .. " is not what the manifest says" or nil)
        end
        local last = math.min(at + PIECE, image.bytes) - 1
        local range = ("Range: bytes=%d-%d\r\n"):format(at, last)
        http.get(url .. image.name, range, function(code, body)
            if code == 206 and #body == last - at + 1 then
                at, tries = last + 1, 0
                sum:update(body)
                if not out:write(body) then return finish "no room" end
            else
                tries = tries + 1
                if tries == TRIES then return finish(image.name .. ": answer " .. code) end
            end
            node.task.post(fetch_piece)
        end)
    end
    fetch_piece()
end

local function keep_as(name)
    file.remove(name)
    return file.rename("ota.tmp", name)
end

-- A new core restarts the device; what is to be done then is in ota.next. The devs image belongs to
-- the old core and is fetched after the restart.
local function install_core(image)
    keep_as "core.img"
    file.putcontents("ota.next", image.hash)
    local reason = node.LFS.reload "core.img" -- returns if it refuses
    file.remove "ota.next"
    return reason
end

-- Modules of core that those of devs now stand before give back what they have, as
-- node.LFS.reload_devs lets those of devs do.
local function start_app()
    for _, name in ipairs(node.LFS.list() or {}) do
        local module = package.loaded[name]
        if type(module) == "table" and module.on_unload then module.on_unload() end
        package.loaded[name] = nil
    end
    local load = node.LFS.app
    if not load then return end
    local app = load()
    package.loaded.app = app
    return app.start()
end

-- Without a restart if nothing holds the old one; what does not start is taken back.
local function install_devs(image)
    file.remove "devs.old"
    file.rename("devs.img", "devs.old")
    local name = image.name and "devs.img" -- nil: core is used alone
    if name then keep_as(name) end
    local now, reason = node.LFS.reload_devs(name, true)
    if now then
        local started, message = pcall(start_app)
        if started then return nil end
        reason = "it does not start: " .. tostring(message)
        node.LFS.reload_devs(file.exists "devs.old" and "devs.old" or nil, true)
        pcall(start_app)
    elseif now == false then -- it counts from the next start on
        return nil, true
    end
    file.remove "devs.img"
    file.rename("devs.old", "devs.img")
    return reason
end

-- Looks at the server `url` ("http://host:port/") once; done(what), where what is "installed N",
-- "nothing new", or a reason.
function M.check(url, done)
    local key, have = file.getcontents "ota.key", read_have()
    if not key then return done "no key" end
    http.get(url .. "manifest", nil, function(code, text)
        if code ~= 200 then return done("manifest: answer " .. code) end
        local version, images = verify(text, key)
        if not version then return done("refused: " .. images) end
        if version <= have.version then return done "nothing new" end
        local i, restarts = 0, false
        local function install_next()
            i = i + 1
            local image = images[i]
            if not image then
                have.version = version
                write_have(have)
                if restarts then node.restart() end
                return done("installed " .. version)
            elseif (have[image.kind] or "none") == image.hash then
                return install_next()
            end
            local function use(reason)
                local later
                if not reason then
                    if image.name then print("fetched", image.name, image.bytes) end
                    reason, later = (image.kind == "core" and install_core or install_devs)(image)
                end
                if reason then
                    file.remove "ota.tmp"
                    return done("refused: " .. reason)
                end
                have[image.kind], restarts = image.hash, restarts or later
                write_have(have)
                install_next()
            end
            if image.name then return fetch(url, image, use) end
            use()
        end
        install_next()
    end)
end

-- At every start: notes a core that has been installed, confirms it, and starts what devs have.
function M.start()
    local hash = file.getcontents "ota.next"
    if hash and node.LFS.time then
        local have = read_have()
        have.core, have.devs = hash, nil
        write_have(have)
        file.remove "ota.next"
        print "new core"
    end
    if node.LFS.confirm then node.LFS.confirm() end
    local started, message = pcall(start_app)
    if not started then print(message) end
end

return M
