-- parser.lua: tokens as commands.
--
-- parse(line)   list of pipelines, or nil and the reason
-- pipeline      list of commands; .when is nil, "&&" or "||" (how it hangs on the one before)
-- command       list of argument tokens, the first of which names the command

local lexer = require("lexer")

local M = {}

local JOINS = {[";"] = "always", ["&&"] = "&&", ["||"] = "||"}

function M.parse(line)
    local tokens, why = lexer.tokens(line)
    if not tokens then return nil, why end
    local pipelines, pipeline, command = {}, {}, {}
    local function end_command(sign)
        if #command == 0 then return "nothing before " .. sign end
        pipeline[#pipeline + 1] = command
        command = {}
    end
    for _, token in ipairs(tokens) do
        if token.kind == "sign" and token.text == "|" then
            why = end_command("|")
        elseif token.kind == "sign" and JOINS[token.text] then
            why = end_command(token.text)
            pipelines[#pipelines + 1] = pipeline
            pipeline = {when = JOINS[token.text]}
        else
            command[#command + 1] = token
        end
        if why then return nil, why end
    end
    if #command > 0 then
        pipeline[#pipeline + 1] = command
        pipelines[#pipelines + 1] = pipeline
    elseif #pipeline > 0 or pipeline.when and pipeline.when ~= "always" then
        return nil, "something missing at the end"
    end
    return pipelines
end

return M
