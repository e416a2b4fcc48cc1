-- SPDX-License-Identifier: Apache-2.0
-- For wrk: alarm events, each a fact of its own. The body is made by cutting one event open where
-- its name and id stand, so that making it costs next to nothing. By the environment:
-- STORM_BATCH events in each request; STORM_COUNT events and no more; STORM_WIDE environments
-- e0000, e0001 ..., where nine of ten events are about nothing that is rolled back.
local moment = os.date("!%Y-%m-%dT%H:%M:%S")
local event = [[{"version":"0","id":"@","detail-type":"CloudWatch Alarm State Change",]]
  .. [["source":"aws.cloudwatch","account":"111122223333","time":"]] .. moment .. [[Z",]]
  .. [["region":"eu-west-1","resources":["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:]]
  .. [[%-errors-@"],"detail":{"alarmName":"%-errors-@",]]
  .. [["configuration":{"metrics":[{"id":"m1","metricStat":{"metric":{"namespace":"Kiro/Worker",]]
  .. [["name":"Errors","dimensions":{"Environment":"production"}},"period":60,"stat":"Sum"},]]
  .. [["returnData":true}]},"previousState":{"value":"OK","reason":"Threshold Crossed",]]
  .. [["timestamp":"2026-03-02T08:00:00.000+0000"},"state":{"value":"!",]]
  .. [["reason":"Threshold Crossed: 2 datapoints were greater than the threshold (5.0)",]]
  .. [["timestamp":"]] .. moment .. [[.000+0000"}}}]]
local batch = tonumber(os.getenv("STORM_BATCH") or 1)
local count = tonumber(os.getenv("STORM_COUNT"))
local wide = tonumber(os.getenv("STORM_WIDE"))
local number = 0
local answered = 0

-- Of ten events one is about a bad release, four say that an alarm is well again, four come from an
-- alarm of something else, one of an environment that is not there.
local function kind(number)
  if not wide then return "kiro-worker-production", "ALARM" end
  local turn = number % 10
  local environment = string.format("e%04d", math.floor(number / 10) % wide)
  if turn == 0 then return "kiro-worker-" .. environment, "ALARM" end
  if turn < 5 then return "kiro-worker-" .. environment, "OK" end
  if turn < 9 then return "billing-" .. environment, "ALARM" end
  return "kiro-worker-nowhere", "ALARM"
end

local function one()
  local alarm, state = kind(number)
  local said = event:gsub("[@%%!]", { ["@"] = tostring(number), ["%"] = alarm, ["!"] = state })
  number = number + 1
  return said
end

function request()
  local body = one()
  if batch > 1 then
    local events = { body }
    for i = 2, batch do events[i] = one() end
    body = "[" .. table.concat(events, ",") .. "]"
  end
  return wrk.format("POST", os.getenv("STORM_PATH"),
    { ["Content-Type"] = "application/json" }, body)
end

-- wrk itself would wait until its time is over.
if count then
  local ffi = require("ffi")
  ffi.cdef("struct timeval { long seconds, us; }; int gettimeofday(struct timeval *, void *);")
  local function now()
    local time = ffi.new("struct timeval")
    ffi.C.gettimeofday(time, nil)
    return tonumber(time.seconds) + tonumber(time.us) / 1e6
  end
  local begun

  function response(status)
    begun = begun or now()
    if status >= 300 then error("answered with status " .. status) end
    answered = answered + batch
    if answered < count then return end
    io.write(string.format("%d requests in %.3fs\n", answered / batch, now() - begun))
    io.flush()
    os.exit(0)
  end
end
