-- Sends the requests of a file, which are separated by NUL, one after the other and over again. Arguments: the file,
-- whether each may be sent once only, and a text that answers must have when they are looked at (empty = they are not).
local ffi = require("ffi")
ffi.cdef [[ typedef struct { long seconds; long micros; } moment; int gettimeofday(moment *, void *); ]]

local instant = ffi.new("moment")
local function now()
  ffi.C.gettimeofday(instant, nil)
  return tonumber(instant.seconds) + tonumber(instant.micros) / 1e6
end

local thread
function setup(given) thread = given end

local requests, at, once, expected = {}, 0, false, ""
startedAt, endedAt, unexpected, sample = 0, 0, 0, ""

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for text in file:read("*a"):gmatch("[^%z]+") do requests[#requests + 1] = text end
  file:close()
  once = args[2] == "once"
  expected = args[3] or ""
  if expected ~= "" then
    response = function(_, _, body)
      if body:find('"errors"', 1, true) or not body:find(expected, 1, true) then
        unexpected = unexpected + 1
        sample = body
      end
    end
  end
end

function request()
  if startedAt == 0 then startedAt = now() end
  at = at + 1
  if at > #requests then
    if once and endedAt == 0 then
      endedAt = now()
      wrk.thread:stop()
    end
    at = 1
  end
  return requests[at]
end

local function quoted(text) return '"' .. text:gsub('[%c"\\]', " ") .. '"' end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"bytes":%d,"seconds":%f,"activeSeconds":%f,"p50":%f,"p99":%f,"refused":%d,"broken":%d,"unexpected":%d,"sample":%s}\n',
    summary.requests, summary.bytes, summary.duration / 1e6,
    thread:get("endedAt") > 0 and thread:get("endedAt") - thread:get("startedAt") or summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, thread:get("unexpected"), quoted(thread:get("sample"))))
end
