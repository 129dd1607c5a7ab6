/** Arguments of each charge and each place in the script. */
export const CHARGE_ARGUMENTS = 7;
export const PLACE_ARGUMENTS = 4;

/** The time of the store in milliseconds: clocks of gateways differ. */
const TIME_OF_STORE = `
local time = redis.call('time')
local now = time[1] * 1000 + time[2] / 1000`;

/*
 * The algorithms, as in token-bucket.ts, sliding-window.ts and fixed-window.ts. Each returns the free units, the wait, the next
 * state and the time until the counter is as new; -1 is an infinite wait.
 */
const METERS = `
local meters = {}

meters['token-bucket'] = function(state, limit, period, burst, needed, amount)
  local token = period / limit
  local elapsed, missing = now - (state[1] or 0), 0
  if elapsed >= -period then missing = math.max((state[2] or 0) - math.max(elapsed, 0) / token, 0) end
  local after = math.min(math.max(missing + amount, 0), burst + limit)
  local wait = needed > burst and -1 or math.max(missing + needed - burst, 0) * token
  return burst - missing, wait, {now, after}, after * token
end

meters['sliding-window'] = function(state, limit, period, burst, needed, amount)
  local number = math.floor(now / period)
  local elapsed = now - number * period
  local previous, own = 0, 0
  if state[1] == number then
    previous, own = state[2] or 0, state[3] or 0
  elseif state[1] == number - 1 then
    previous = state[3] or 0
  end
  local used = previous * (1 - elapsed / period) + own
  local room, wait = limit - needed, 0
  if room < 0 then
    wait = -1
  elseif used > room and own <= room then
    wait = period * (1 - (room - own) / previous) - elapsed
  elseif used > room then
    wait = period - elapsed + period * (1 - room / own)
  end
  local left = own + amount
  local next = {number, math.max(previous + math.min(left, 0), 0), math.max(left, 0)}
  return limit - used, wait, next, (left > 0 and 2 or 1) * period - elapsed
end

meters['fixed-window'] = function(state, limit, period, burst, needed, amount)
  local ends, used = now + period, 0
  if state[1] and state[1] > now and state[1] <= now + period then ends, used = state[1], state[2] or 0 end
  local room, wait = limit - needed, 0
  if room < 0 then wait = -1 elseif used > room then wait = ends - now end
  return limit - used, wait, {ends, math.max(used + amount, 0)}, ends - now
end
`;

/*
 * Takes every charge and place, or none if one that is enforced is refused. ARGV: the number of charges; for each charge its
 * algorithm, limit, period in milliseconds, burst, needed, amount, and whether it is enforced (1 or 0); for each place its slots,
 * holder, milliseconds, and whether it is enforced. KEYS: one for each. A value that no counter has written is replaced. Returns
 * three texts for each: the wait (0: admitted, -1: never), what remains, and the time until the counter is as new.
 */
const TAKE = `
local count = tonumber(ARGV[1])
local waits, rests, resets, states, results, isRefused = {}, {}, {}, {}, {}, false
local EPSILON = 0.001

for i = 1, count do
  local at = 2 + (i - 1) * ${CHARGE_ARGUMENTS}
  local value, state = redis.pcall('get', KEYS[i]), {}
  if type(value) == 'string' and #value < 128 then
    for part in string.gmatch(value, '[^:]+') do state[#state + 1] = tonumber(part) end
  end
  local free, wait, next, reset = meters[ARGV[at]](state, tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]),
    tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5]))
  if wait >= 0 and wait <= EPSILON then wait = 0 end
  waits[i], rests[i], states[i], resets[i] = wait, free, next, reset
  if wait ~= 0 and ARGV[at + 6] == '1' then isRefused = true end
end

local places = 2 + count * ${CHARGE_ARGUMENTS}
for i = count + 1, #KEYS do
  local at = places + (i - count - 1) * ${PLACE_ARGUMENTS}
  local ended = redis.pcall('zremrangebyscore', KEYS[i], '-inf', now)
  if type(ended) == 'table' then redis.call('del', KEYS[i]) end
  rests[i] = tonumber(ARGV[at]) - redis.call('zcard', KEYS[i])
  waits[i], resets[i] = rests[i] > 0 and 0 or 1000, 0
  if waits[i] ~= 0 and ARGV[at + 3] == '1' then isRefused = true end
end

for i = 1, #KEYS do
  if waits[i] == 0 and not isRefused then
    if i <= count then
      local amount = tonumber(ARGV[2 + (i - 1) * ${CHARGE_ARGUMENTS} + 5])
      rests[i] = rests[i] - amount
      local ttl = math.ceil(resets[i])
      if amount ~= 0 and ttl > 0 then
        for part = 1, #states[i] do states[i][part] = string.format('%.17g', states[i][part]) end
        redis.call('set', KEYS[i], table.concat(states[i], ':'), 'PX', ttl)
      elseif amount ~= 0 then
        redis.call('del', KEYS[i])
      end
    else
      local at = places + (i - count - 1) * ${PLACE_ARGUMENTS}
      local ms = tonumber(ARGV[at + 2])
      redis.call('zadd', KEYS[i], now + ms, ARGV[at + 1])
      redis.call('pexpire', KEYS[i], math.ceil(ms))
      rests[i] = rests[i] - 1
    end
  end
  results[#results + 1] = string.format('%.17g', waits[i])
  results[#results + 1] = string.format('%.17g', rests[i])
  results[#results + 1] = string.format('%.17g', resets[i])
end
return results`;

/** The whole script. */
export const TAKE_SCRIPT = TIME_OF_STORE + METERS + TAKE;

/** Returns places: KEYS are those of the places, ARGV the holders. */
export const RETURN_SCRIPT = `
for i = 1, #KEYS do redis.pcall('zrem', KEYS[i], ARGV[i]) end
return 1`;
