-- SPDX-License-Identifier: Apache-2.0
-- For wrk: alarm events of one environment, each a fact of its own. The body is made by cutting one
-- event open where its name and id stand, so that making it costs next to nothing.
local moment = os.date("!%Y-%m-%dT%H:%M:%S")
local event = [[{"version":"0","id":"@","detail-type":"CloudWatch Alarm State Change",]]
  .. [["source":"aws.cloudwatch","account":"111122223333","time":"]] .. moment .. [[Z",]]
  .. [["region":"eu-west-1","resources":["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:]]
  .. [[kiro-worker-production-errors-@"],"detail":{"alarmName":"kiro-worker-production-errors-@",]]
  .. [["configuration":{"metrics":[{"id":"m1","metricStat":{"metric":{"namespace":"Kiro/Worker",]]
  .. [["name":"Errors","dimensions":{"Environment":"production"}},"period":60,"stat":"Sum"},]]
  .. [["returnData":true}]},"previousState":{"value":"OK","reason":"Threshold Crossed",]]
  .. [["timestamp":"2026-03-02T08:00:00.000+0000"},"state":{"value":"ALARM",]]
  .. [["reason":"Threshold Crossed: 2 datapoints were greater than the threshold (5.0)",]]
  .. [["timestamp":"]] .. moment .. [[.000+0000"}}}]]
local number = 0
local threads = 0

function setup(thread)
  thread:set("offset", threads * 100000000)
  threads = threads + 1
end

function request()
  number = number + 1
  local body = event:gsub("@", tostring(offset + number))
  return wrk.format("POST", os.getenv("STORM_PATH"),
    { ["Content-Type"] = "application/json" }, body)
end
