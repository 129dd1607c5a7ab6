import { TAKE_SCRIPT } from '../../../src/rate-limit/counters/take-script.ts';

/**
 * The script of the counters at a given time, in milliseconds, which is its last argument. Its keys expire after an hour of the
 * store's own time: by that time, a counter of few milliseconds would expire between two calls of a test.
 */
export const TAKE_AT_SCRIPT = `
local given, store = tonumber(table.remove(ARGV)), redis
local redis = {pcall = store.pcall}
function redis.call(name, ...)
  if name == 'time' then return {math.floor(given / 1000), given % 1000 * 1000} end
  local arguments = {...}
  if name == 'set' or name == 'pexpire' then arguments[#arguments] = 3600000 end
  return store.call(name, unpack(arguments))
end
${TAKE_SCRIPT}`;
